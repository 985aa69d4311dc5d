import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { extensionList } from './list.ts'
import { visibleExtensions } from './policy.ts'

export const ExtensionInstallation = builder.prismaNode('ExtensionInstallation', {
  description: 'An extension that is installed in a workspace.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleExtensions(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    workspace: t.relation('workspace', { description: 'Where it is installed.' }),
    key: t.exposeString('key', {
      description: 'Which extension, as the place where it comes from calls it; unique in the workspace.',
    }),
    version: t.exposeString('version', {
      nullable: true,
      description: 'Its version; null when nobody has said.',
    }),
    enabled: t.exposeBoolean('enabled', { description: 'Whether it is on.' }),
    config: t.expose('config', {
      type: 'JSON',
      description: 'Its configuration, a JSON object that everybody in the workspace sees.',
    }),
    installedBy: t.relation('installedBy', {
      nullable: true,
      description: 'Who installed it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was installed.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const ExtensionInstallationConnection = defineConnection('ExtensionInstallation', ExtensionInstallation)

builder.prismaObjectField('Workspace', 'extensions', (t) =>
  t.field(
    relationList('Workspace.extensions', 'extensionInstallations', {
      type: ExtensionInstallationConnection,
      list: extensionList,
      description: 'The extensions that are installed here, newest first.',
      where: ({ viewer }) => visibleExtensions(viewer),
    }) as never,
  ),
)
