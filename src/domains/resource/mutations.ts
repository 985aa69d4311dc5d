import { can, workspace, workspaceOf } from '../../access/rules.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { Workspace } from '../workspace/types.ts'
import { ResourceNameTaken } from './errors.ts'
import { ResourceKindEnum } from './list.ts'
import { registerResource } from './register-resource.ts'
import { removeResource } from './remove-resource.ts'
import { Resource } from './types.ts'

const ResourceNameTakenType = errorType(ResourceNameTaken, {
  description: 'The workspace holds a resource of this kind and name already.',
  fields: (t) => ({ name: t.exposeString('resourceName', { description: 'The name that is taken.' }) }),
})

defineMutation({
  name: 'registerResource',
  description: 'Notes that a bucket or repository lies in a workspace.',
  gate: can('resource:write', workspace('workspaceId')),
  input: (t) => ({
    workspaceId: t.id({ required: true, description: 'Where it lies.' }),
    kind: t.field({ type: ResourceKindEnum, required: true, description: 'What it is.' }),
    name: t.string({
      required: true,
      description: '1 to 120 characters, unique among those of its kind in the workspace.',
    }),
    uri: t.string({ description: 'Where it is kept, with a scheme: at most 2,000 characters.' }),
  }),
  errors: [ResourceNameTakenType],
  resolve: (context, { workspaceId, kind, name, uri }) =>
    registerResource(context, {
      workspaceId: idOf(workspaceId, 'Workspace'),
      kind,
      name,
      uri: uri ?? null,
    }),
  payload: {
    description: 'The resource was registered.',
    fields: (t) => ({
      resource: t.field({
        type: Resource,
        description: 'The new resource.',
        resolve: ({ resourceId }, _args, context, info) => payloadRow(context, info, 'Resource', resourceId),
      }),
    }),
  },
})

defineMutation({
  name: 'removeResource',
  description: 'Forgets a bucket or repository: what it stands for is not touched.',
  gate: can(
    'resource:write',
    workspaceOf('Resource', 'id', (db, id) =>
      db.resource.findUnique({ where: { id }, select: { workspaceId: true } }),
    ),
  ),
  input: (t) => ({ id: t.id({ required: true, description: 'Which resource.' }) }),
  errors: [],
  resolve: (context, { id }) => removeResource(context, idOf(id, 'Resource')),
  payload: {
    description: 'The resource is gone from the workspace.',
    fields: (t) => ({
      removedResourceId: t.id({
        description: 'The id that it had.',
        resolve: ({ removedResourceId }) => encodeId('Resource', removedResourceId),
      }),
      workspace: t.field({
        type: Workspace,
        description: 'The workspace in which it lay.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})
