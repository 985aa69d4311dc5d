import { builder } from '../../graphql/builder.ts'
import { defineConnection } from '../../graphql/connection.ts'
import { visibleMembers } from './policy.ts'

export const MemberSourceEnum = builder.enumType('MemberSource', {
  description: 'Where a member has their role from.',
  values: {
    DIRECT: { description: 'It was given in this scope.' },
    ORGANIZATION: {
      description: 'Their role in the organization reaches into this workspace. Change it there.',
    },
  } as const,
})

export const Member = builder.prismaNode('Member', {
  description:
    'One person in one scope, with the role that counts there: on a workspace the higher of the direct one and what their organization role gives.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => {
    // Both ids of the row in the view are named, so that an index finds it.
    const [grantId = '', workspaceId] = id.split('.')
    const ids = { id, grantId, ...(workspaceId ? { workspaceId } : {}) }
    return { ...ids, AND: [visibleMembers(viewer)], NOT: { workspace: { deletedAt: { not: null } } } }
  },
  select: { id: true, createdAt: true },
  fields: (t) => ({
    user: t.relation('user', { description: 'The person.' }),
    role: t.relation('role', { description: 'The role that counts here.' }),
    source: t.expose('source', { type: MemberSourceEnum, description: 'Where the role comes from.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when they have a role here.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When their role was last changed.' }),
  }),
})

export const MemberConnection = defineConnection('Member', Member)
