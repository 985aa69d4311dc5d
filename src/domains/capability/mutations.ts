import { can, workspace, workspaceOf } from '../../access/rules.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { Workspace } from '../workspace/types.ts'
import { CapabilityTaken } from './errors.ts'
import { registerCapability } from './register-capability.ts'
import { removeCapability } from './remove-capability.ts'
import { Capability } from './types.ts'

const CapabilityTakenType = errorType(CapabilityTaken, {
  description: 'The workspace has a capability of this name.',
  fields: (t) => ({ name: t.exposeString('capability', { description: 'The name that is taken.' }) }),
})

defineMutation({
  name: 'registerCapability',
  description: 'Registers a capability in a workspace, each name once.',
  gate: can('capability:write', workspace('workspaceId')),
  input: (t) => ({
    workspaceId: t.id({ required: true, description: 'Where.' }),
    name: t.string({
      required: true,
      description:
        'At most 120 lower-case letters, digits, hyphens and underscores, in parts behind dots, colons or slashes, as in `documents.export`.',
    }),
    version: t.string({ description: 'Its version, 1 to 64 characters.' }),
    description: t.string({ description: 'What it is for, at most 2,000 characters.' }),
    metadata: t.field({
      type: 'JSON',
      description: 'A JSON object of at most 4,000 characters and 10 levels. No secrets: it is shown.',
    }),
  }),
  errors: [CapabilityTakenType],
  resolve: (context, { workspaceId, ...input }) =>
    registerCapability(context, { ...input, workspaceId: idOf(workspaceId, 'Workspace') } as never),
  payload: {
    description: 'The capability was registered.',
    fields: (t) => ({
      capability: t.field({
        type: Capability,
        description: 'The new capability.',
        resolve: ({ capabilityId }, _args, context, info) =>
          payloadRow(context, info, 'Capability', capabilityId),
      }),
    }),
  },
})

defineMutation({
  name: 'removeCapability',
  description: 'Takes a capability off a workspace; its name is free again.',
  gate: can(
    'capability:write',
    workspaceOf('Capability', 'id', (db, id) =>
      db.capability.findUnique({ where: { id }, select: { workspaceId: true } }),
    ),
  ),
  input: (t) => ({ id: t.id({ required: true, description: 'Which capability.' }) }),
  errors: [],
  resolve: (context, { id }) => removeCapability(context, idOf(id, 'Capability')),
  payload: {
    description: 'The capability is gone from the workspace.',
    fields: (t) => ({
      removedCapabilityId: t.id({
        description: 'The id that it had.',
        resolve: ({ removedCapabilityId }) => encodeId('Capability', removedCapabilityId),
      }),
      workspace: t.field({
        type: Workspace,
        description: 'The workspace in which it was registered.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})
