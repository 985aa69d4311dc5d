import { brandWithType, type InterfaceRef } from '@pothos/core'
import { workspacePermissions } from '../../access/permissions.ts'
import { standingOn } from '../../access/rules.ts'
import type { Context } from '../../context.ts'
import { builder, type Types } from '../../graphql/builder.ts'
import { pageArgs } from '../../graphql/connection.ts'
import { missing } from '../../platform/refusal.ts'
import { roleList } from '../role/list.ts'
import { AccessLevelEnum, PermissionEnum, Role, RoleConnection } from '../role/types.ts'
import { memberList } from './list.ts'
import { Member, MemberConnection } from './types.ts'

const descriptions = {
  name: 'What people call it.',
  viewerRole: 'The role by which the viewer is here; null for a platform administrator who is no member.',
  viewerAccess: 'How far the viewer reaches here; null for an organization role that opens no workspace.',
  viewerPermissions: 'Everything that the viewer may do here: ask this before you offer an action.',
  viewerMember: "The viewer's own row of `members`; null for a platform administrator who is no member.",
  members: 'Who has a role here, newest first if no order is asked for.',
  roles: 'The roles that can be given here, newest first if no order is asked for.',
} as const

/** Where roles are held: an organization or a workspace. */
export const Scope: InterfaceRef<Types, { id: string }> = builder
  .interfaceRef<{ id: string }>('Scope')
  .implement({
    description:
      'Where roles are held: an organization or a workspace. Its id is what `scopeId` inputs take.',
    fields: (t) => ({
      id: t.id({ description: 'Opaque id.', resolve: ({ id }) => id }),
      name: t.string({ description: descriptions.name, resolve: unreachable }),
      viewerRole: t.field({
        type: Role,
        nullable: true,
        description: descriptions.viewerRole,
        resolve: unreachable,
      }),
      viewerAccess: t.field({
        type: AccessLevelEnum,
        nullable: true,
        description: descriptions.viewerAccess,
        resolve: unreachable,
      }),
      viewerPermissions: t.field({
        type: [PermissionEnum],
        description: descriptions.viewerPermissions,
        resolve: unreachable,
      }),
      viewerMember: t.field({
        type: Member,
        nullable: true,
        description: descriptions.viewerMember,
        resolve: unreachable,
      }),
      members: t.field({
        type: MemberConnection.ref,
        args: { ...pageArgs, ...memberList.args },
        description: descriptions.members,
        resolve: unreachable,
      }),
      roles: t.field({
        type: RoleConnection.ref,
        args: { ...pageArgs, ...roleList.args },
        description: descriptions.roles,
        resolve: unreachable,
      }),
    }),
  })

/** Both types of scope define every field themselves, because each loads it from its own table. */
function unreachable(): never {
  throw new Error('A scope is an Organization or a Workspace')
}

export { descriptions as scopeDescriptions }

/** A row as the answer of a field of type Scope: which of the two types it is can't be seen in its columns. */
export function asScope(kind: 'Organization' | 'Workspace', row: { id: string }) {
  // The row itself, not a copy: what was selected beneath is known by the row.
  brandWithType(row, kind as never)
  return row as never
}

/** What the viewer may do in a scope, for `viewerAccess` and `viewerPermissions` (W13): asked once for all rows of a list. */
export async function viewerAccess(
  kind: 'Organization' | 'Workspace',
  { id }: { id: string },
  context: Context,
) {
  return (await standingOn(context, { kind, id }))?.level ?? null
}

/** Like {@link viewerAccess}; on a workspace only what can be done with a workspace is named. */
export async function viewerPermissions(
  kind: 'Organization' | 'Workspace',
  { id }: { id: string },
  context: Context,
) {
  const held = [...((await standingOn(context, { kind, id }))?.permissions ?? [])]
  const onWorkspaces: readonly string[] = workspacePermissions
  return kind === 'Organization' ? held : held.filter((permission) => onWorkspaces.includes(permission))
}

/** Selects the viewer's own member row of a scope. */
export const ownMember = ({ viewer }: Context) => ({ where: { userId: viewer?.userId ?? '' }, take: 1 })

builder.prismaObjectField('Member', 'scope', (t) =>
  t.field({
    type: Scope,
    description: 'The organization or workspace whose list this row belongs to.',
    select: (_args, _context, nested) => ({
      ofOrganization: nested(true, [], 'Organization'),
      workspace: nested(true, [], 'Workspace'),
    }),
    resolve: ({ ofOrganization, workspace }) => {
      if (workspace) return asScope('Workspace', workspace)
      return ofOrganization ? asScope('Organization', ofOrganization) : missing()
    },
  }),
)
