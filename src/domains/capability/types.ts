import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { capabilityList } from './list.ts'
import { visibleCapabilities } from './policy.ts'

export const Capability = builder.prismaNode('Capability', {
  description: 'Something that a workspace can do, registered under a name by which others look it up.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleCapabilities(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    workspace: t.relation('workspace', { description: 'The workspace that can do it.' }),
    name: t.exposeString('name', { description: 'Its name, unique in the workspace.' }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'Its version; null when nobody has said.',
    }),
    description: t.exposeString('description', { description: 'What it is for; may be empty.' }),
    metadata: t.expose('metadata', {
      type: 'JSON',
      description: 'What else there is to know, a JSON object.',
    }),
    registeredBy: t.relation('registeredBy', {
      nullable: true,
      description: 'Who registered it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
  }),
})

const CapabilityConnection = defineConnection('Capability', Capability)

builder.prismaObjectField('Workspace', 'capabilities', (t) =>
  t.field(
    relationList('Workspace.capabilities', 'capabilities', {
      type: CapabilityConnection,
      list: capabilityList,
      description: 'The capabilities that are registered here, newest first.',
      where: ({ viewer }) => visibleCapabilities(viewer),
    }) as never,
  ),
)
