import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { decodeId } from '../../graphql/ids.ts'
import { text, time, type Where } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

/**
 * The person whom an id or an e-mail address stands for. An address is compared only where the viewer may read it: with
 * somebody who shares an organization with them. Else a filter would tell what the field hides.
 */
function createdBy(named: string, { viewer }: Context): Where {
  const address = named.normalize('NFC').trim().toLowerCase()
  if (!address.includes('@')) return { id: userIdOf(named) }
  const shared: Prisma.UserWhereInput =
    viewer?.platformRole === 'ADMIN' || viewer?.email === address
      ? {}
      : { memberships: { some: { organizationId: { in: [...(viewer?.organizations.keys() ?? [])] } } } }
  return { email: address, ...shared }
}

/** What is no person's id is nobody's. */
function userIdOf(globalId: string): string | { in: string[] } {
  try {
    const { typename, id } = decodeId(globalId)
    if (typename === 'User') return id
  } catch {
    // not an id at all
  }
  return { in: [] }
}

const person = 'the id of a person, or the e-mail address of somebody in an organization of the viewer'

/** Workspaces, filtered and ordered (P7, P10). */
export const workspaceList = defineList('Workspace', {
  fields: {
    name: text(['title', 'name', 'display_name'], ['name'], 'What people call it.'),
    key: text(['key'], ['key'], 'Its machine-readable name.'),
    description: text(['description'], ['description'], 'What it is for.'),
    labels: { kind: 'texts', names: ['labels'], path: ['labels'], description: 'Its labels.' },
    mlEnabled: {
      kind: 'flag',
      names: ['ml_enabled'],
      path: ['mlEnabled'],
      description: 'Whether machine learning is switched on.',
    },
    createdAt: time('create', 'When it was created.'),
    updatedAt: time('update', 'When it was last changed.'),
    deletedAt: {
      ...time('delete', 'When it was deleted; only `deleted: INCLUDE` or `ONLY` lists such rows.'),
      absent: { deletedAt: null },
    },
    createdBy: {
      kind: 'term',
      names: ['created_by', 'created_by.email', 'created_by.id'],
      through: 'createdBy',
      match: createdBy,
      absent: { createdById: null },
      description: `Who created it: ${person}.`,
    },
    createdByName: {
      ...text(
        ['created_by.display_name', 'created_by.full_name', 'created_by.name'],
        ['createdBy', 'name'],
        'What the person who created it calls themselves.',
      ),
      absent: { createdById: null },
    },
  },
  bare: 'name',
  orders: ['name', 'key', 'createdAt', 'updatedAt', 'deletedAt'],
  defaultOrder: 'create_time desc',
})
