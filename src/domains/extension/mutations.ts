import { can, workspace, workspaceOf } from '../../access/rules.ts'
import type { InputFields, ObjectFields } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { Workspace } from '../workspace/types.ts'
import { AlreadyInstalled } from './errors.ts'
import { installExtension } from './install-extension.ts'
import { ExtensionInstallation } from './types.ts'
import { uninstallExtension } from './uninstall-extension.ts'
import { updateExtensionInstallation } from './update-extension-installation.ts'

const AlreadyInstalledType = errorType(AlreadyInstalled, {
  description: 'The workspace has an installation of this extension.',
  fields: (t) => ({ key: t.exposeString('key', { description: 'The key of the extension.' }) }),
})

const writeExtension = can(
  'extension:write',
  workspaceOf('ExtensionInstallation', 'id', (db, id) =>
    db.extensionInstallation.findUnique({ where: { id }, select: { workspaceId: true } }),
  ),
)

const configuration = (t: InputFields) => ({
  version: t.string({ description: 'Its version, 1 to 64 characters; null when nobody knows.' }),
  enabled: t.boolean({ description: 'Whether it is on; on when it is new.' }),
  config: t.field({
    type: 'JSON',
    description:
      'A JSON object of at most 4,000 characters and 10 levels, as a whole; null for an empty one. No secrets: everybody in the workspace sees it.',
  }),
})

const extensionPayload = (description: string) => ({
  description,
  fields: (t: ObjectFields<{ extensionId: string }>) => ({
    extension: t.field({
      type: ExtensionInstallation,
      description: 'The installation as it is now.',
      resolve: ({ extensionId }, _args, context, info) =>
        payloadRow(context, info, 'ExtensionInstallation', extensionId),
    }),
  }),
})

defineMutation({
  name: 'installExtension',
  description: 'Installs an extension in a workspace, each once.',
  gate: can('extension:write', workspace('workspaceId')),
  input: (t) => ({
    workspaceId: t.id({ required: true, description: 'Where.' }),
    key: t.string({
      required: true,
      description:
        'Which extension: at most 120 lower-case letters, digits, dots, hyphens and underscores, perhaps behind a scope, as in `@acme/charts`.',
    }),
    ...configuration(t),
  }),
  errors: [AlreadyInstalledType],
  resolve: (context, { workspaceId, ...input }) =>
    installExtension(context, {
      ...input,
      workspaceId: idOf(workspaceId, 'Workspace'),
    } as never),
  payload: extensionPayload('The extension was installed.'),
})

defineMutation({
  name: 'updateExtensionInstallation',
  description: 'Changes the given fields of an installation; absent ones stay as they are.',
  gate: writeExtension,
  input: (t) => ({ id: t.id({ required: true, description: 'Which installation.' }), ...configuration(t) }),
  errors: [],
  resolve: (context, { id, ...input }) =>
    updateExtensionInstallation(context, {
      ...input,
      extensionId: idOf(id, 'ExtensionInstallation'),
    } as never),
  payload: extensionPayload('The installation was changed, or was like this already.'),
})

defineMutation({
  name: 'uninstallExtension',
  description: 'Takes an extension out of a workspace, with its config.',
  gate: writeExtension,
  input: (t) => ({ id: t.id({ required: true, description: 'Which installation.' }) }),
  errors: [],
  resolve: (context, { id }) => uninstallExtension(context, idOf(id, 'ExtensionInstallation')),
  payload: {
    description: 'The extension is gone from the workspace.',
    fields: (t) => ({
      uninstalledExtensionId: t.id({
        description: 'The id that the installation had.',
        resolve: ({ uninstalledExtensionId }) => encodeId('ExtensionInstallation', uninstalledExtensionId),
      }),
      workspace: t.field({
        type: Workspace,
        description: 'The workspace in which it was installed.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})
