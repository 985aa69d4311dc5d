import { builtInRoles, LEVELS } from '../../access/permissions.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { anyCase, type Column, text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'
import { AccessLevelEnum, ScopeKindEnum } from './types.ts'

/** The roles that go by a key, name or alias, in any case (P8, access.md). */
export function rolesCalled(called: string): Prisma.RoleWhereInput {
  const name = called.normalize('NFC').trim()
  const aliased = builtInRoles.filter(({ aliases }) => aliases.includes(name.toLowerCase()))
  return {
    OR: [
      { key: anyCase(name) },
      { name: anyCase(name) },
      ...aliased.map(({ scope, key }) => ({ scope, key, builtIn: true })),
    ],
  }
}

/** The scope of a role, as lists of roles, members and invites filter by it. */
export const roleScopeColumn = (path: readonly string[]): Column => ({
  kind: 'choice',
  names: ['role_scope'],
  description: 'Whether the role is one of an organization or of a workspace.',
  type: ScopeKindEnum as never,
  values: ['ORGANIZATION', 'WORKSPACE'],
  path,
})

export const roleList = defineList('Role', {
  fields: {
    name: text(['name', 'title'], ['name'], 'What people call it.'),
    key: text(['key'], ['key'], 'What inputs call it.'),
    description: text(['description'], ['description'], 'What it is for.'),
    scope: { ...roleScopeColumn(['scope']), names: ['scope', 'role_scope'] },
    level: {
      kind: 'choice',
      names: ['level'],
      description: 'How far it reaches on workspaces.',
      type: AccessLevelEnum as never,
      values: LEVELS,
      path: ['level'],
      absent: { level: null },
    },
    builtIn: { kind: 'flag', names: ['built_in'], path: ['builtIn'], description: 'Comes with Atrium.' },
    createdAt: time('create', 'When it was made.'),
    updatedAt: time('update', 'When it was last changed.'),
  },
  bare: 'name',
  orders: ['name', 'key', 'createdAt', 'updatedAt'],
  defaultOrder: 'create_time desc',
})
