import { allPermissions, LEVELS, permissionsOf } from '../../access/permissions.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection } from '../../graphql/connection.ts'
import { visibleRoles } from './policy.ts'

export const AccessLevelEnum = builder.enumType('AccessLevel', {
  description: 'How far a role reaches on a workspace. Each level includes those before it.',
  values: Object.fromEntries(
    LEVELS.map((level) => [level, { description: levelDescription(level) }]),
  ) as Record<(typeof LEVELS)[number], { description: string }>,
})

function levelDescription(level: (typeof LEVELS)[number]): string {
  return {
    READ: 'Sees the workspace, its members, roles and settings.',
    WRITE: 'Works with what is inside the workspace.',
    ADMIN: 'Administers the workspace and its people.',
    OWNER: 'Owns it: nobody else touches another owner.',
  }[level]
}

/** `workspace:update` is `WORKSPACE_UPDATE` in GraphQL, where names have no colon. */
export const PermissionEnum = builder.enumType('Permission', {
  description: 'One thing that a role allows. The matrix of roles and permissions is in the documentation.',
  values: Object.fromEntries(
    allPermissions.map((permission) => [
      permission.toUpperCase().replace(':', '_'),
      { value: permission, description: `\`${permission}\` in the permission matrix.` },
    ]),
  ),
})

export const ScopeKindEnum = builder.enumType('ScopeKind', {
  description: 'Where a role is held.',
  values: {
    ORGANIZATION: { description: 'On an organization.' },
    WORKSPACE: { description: 'On one workspace.' },
  } as const,
})

export const Role = builder.prismaNode('Role', {
  description: 'A named bundle of permissions, held by members on an organization or on a workspace.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleRoles(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'What `role:` inputs call it. Unique in its organization and scope.',
    }),
    name: t.exposeString('name', { description: 'What people call it. Inputs accept it too, in any case.' }),
    description: t.exposeString('description', { description: 'What it is for; may be empty.' }),
    scope: t.expose('scope', {
      type: ScopeKindEnum,
      description: 'Whether it is held on organizations or on workspaces.',
    }),
    level: t.expose('level', {
      type: AccessLevelEnum,
      nullable: true,
      description:
        'How far it reaches on workspaces: its own, or every workspace of its organization. Null when it opens none.',
    }),
    permissions: t.field({
      type: [PermissionEnum],
      description: 'Everything that it allows.',
      select: { scope: true, key: true, builtIn: true, level: true, permissions: true },
      resolve: (role) => [...permissionsOf(role)],
    }),
    builtIn: t.exposeBoolean('builtIn', {
      description: 'Whether it comes with Atrium; such a role can not be changed.',
    }),
    version: t.exposeInt('version', {
      description: 'Grows with each change: give it back as `expectedVersion`.',
    }),
    memberCount: t.int({
      description: 'How many grants name this role directly, in the organization or on its workspaces.',
      select: { _count: { select: { organizationMembers: true, workspaceMembers: true } } },
      resolve: ({ _count }) => _count.organizationMembers + _count.workspaceMembers,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

export const RoleConnection = defineConnection('Role', Role)
