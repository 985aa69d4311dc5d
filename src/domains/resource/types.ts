import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { ResourceKindEnum, resourceList } from './list.ts'
import { visibleResources } from './policy.ts'

export const Resource = builder.prismaNode('Resource', {
  description:
    'A bucket or repository that lies in a workspace, wherever it is kept. While there is one, the workspace can not be deleted.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleResources(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    workspace: t.relation('workspace', { description: 'The workspace in which it lies.' }),
    kind: t.expose('kind', { type: ResourceKindEnum, description: 'What it is.' }),
    name: t.exposeString('name', {
      description: 'What people call it: unique among those of its kind in the workspace.',
    }),
    uri: t.exposeString('uri', {
      nullable: true,
      description: 'Where it is kept; null when nobody has said.',
    }),
    createdBy: t.relation('createdBy', {
      nullable: true,
      description: 'Who registered it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
  }),
})

export const ResourceConnection = defineConnection('Resource', Resource)

builder.prismaObjectField('Workspace', 'resources', (t) =>
  t.field(
    relationList('Workspace.resources', 'resources', {
      type: ResourceConnection,
      list: resourceList,
      description: 'The buckets and repositories that lie in it, newest first.',
      args: { kind: t.arg({ type: ResourceKindEnum, description: 'Only those of this kind.' }) },
      where: ({ viewer }, { kind }) => ({ AND: [visibleResources(viewer)], ...(kind ? { kind } : {}) }),
    }) as never,
  ),
)
