import { type Access, createAccess, type Standing, standingOfOwner } from '../../access/access.ts'
import type { Caller } from '../../access/caller.ts'
import { permittedNow } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Role } from '../../generated/prisma/client.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { missing } from '../../platform/refusal.ts'
import { rolesOf } from '../role/role-names.ts'
import { visibleWorkspaces } from '../workspace/policy.ts'
import type { Source } from './clone-parts.ts'

/** What all batches of one transaction have in common. */
export interface Run {
  tx: Tx
  caller: Caller
  /** In whose name: their rights as they are in this transaction. */
  viewer: Viewer
  organization: { id: string; slug: string; name: string; settings: unknown }
  /** Workspace roles. */
  roles: Role[]
  owner: Role
  template: Source | null
  /** Whether whoever creates owns: not a platform administrator from outside. */
  isMember: boolean
  /** The requester's standing on what they create. */
  asOwner: Standing
  access: Access
  now: Date
}

/**
 * Looks up what a run needs to know beside its workspaces, and whether the requester may still create.
 *
 * @throws {CodedError} NOT_FOUND when the organization or the template is absent for them, FORBIDDEN when they may not
 */
export async function openRun(
  tx: Tx,
  caller: Caller,
  viewer: Viewer,
  organizationId: string,
  templateId: string | null,
): Promise<Run> {
  const scope = { kind: 'Organization', id: organizationId, organizationId } as const
  const standing = await permittedNow(tx, viewer, scope, 'workspace:create')
  const organization =
    (await tx.organization.findUnique({
      where: { id: organizationId, deletedAt: null },
      select: { id: true, slug: true, name: true, settings: true },
    })) ?? missing()
  const roles = await rolesOf(tx, organizationId, 'WORKSPACE')
  const owner = roles.find(({ builtIn, key }) => builtIn && key === 'OWNER')
  if (!owner) throw new Error('The built-in owner role is missing')
  return {
    tx,
    caller,
    viewer,
    organization,
    roles,
    owner,
    template: templateId === null ? null : await findTemplate(tx, viewer, templateId),
    isMember: standing.memberId !== null,
    asOwner: standingOfOwner(viewer, organizationId, owner),
    access: createAccess(tx as Db, viewer),
    now: caller.clock.now(),
  }
}

/** A workspace that may be cloned may be a template. */
async function findTemplate(tx: Tx, viewer: Viewer, id: string): Promise<Source> {
  const source =
    (await tx.workspace.findFirst({
      where: { id, deletedAt: null, AND: [visibleWorkspaces(viewer)] },
      include: { preferences: true },
    })) ?? missing()
  const scope = { kind: 'Workspace', id, organizationId: source.organizationId } as const
  await permittedNow(tx, viewer, scope, 'workspace:clone')
  await permittedNow(tx, viewer, scope, 'settings:read')
  return source
}
