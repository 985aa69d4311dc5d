import { can, workspace, workspaceOf } from '../../access/rules.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { Workspace } from '../workspace/types.ts'
import { createEventSubscription } from './create-event-subscription.ts'
import { deleteEventSubscription } from './delete-event-subscription.ts'
import { EventSubscription } from './types.ts'
import { updateEventSubscription } from './update-event-subscription.ts'

const writeSubscription = can(
  'events:write',
  workspaceOf('EventSubscription', 'id', (db, id) =>
    db.eventSubscription.findUnique({ where: { id }, select: { workspaceId: true } }),
  ),
)

const descriptions = {
  url: 'Where messages go: an absolute http or https URL without credentials and fragment, at most 2,000 characters.',
  types:
    'Types of events like `member.added`, `member.*` for all about members, or `*` for all. At least one.',
  description: 'What it is for, at most 2,000 characters.',
  enabled: 'Whether messages are sent; they are when it is new.',
}

defineMutation({
  name: 'createEventSubscription',
  description: 'Subscribes an address to events of a workspace (T10).',
  gate: can('events:write', workspace('workspaceId')),
  input: (t) => ({
    workspaceId: t.id({ required: true, description: 'Whose events.' }),
    url: t.string({ required: true, description: descriptions.url }),
    types: t.stringList({ required: true, description: descriptions.types }),
    description: t.string({ description: descriptions.description }),
    enabled: t.boolean({ description: descriptions.enabled }),
  }),
  errors: [],
  resolve: (context, { workspaceId, ...input }) =>
    createEventSubscription(context, { ...input, workspaceId: idOf(workspaceId, 'Workspace') } as never),
  payload: {
    description: 'The address is subscribed. Keep the secret: it is not answered again.',
    fields: (t) => ({
      eventSubscription: t.field({
        type: EventSubscription,
        description: 'The new subscription.',
        resolve: ({ subscriptionId }) => ({ id: subscriptionId }) as never,
      }),
      secret: t.exposeString('secret', {
        description:
          'What messages are signed with, after Standard Webhooks: `whsec_` and base64. Answered only here.',
      }),
    }),
  },
})

defineMutation({
  name: 'updateEventSubscription',
  description: 'Changes the given fields of an event subscription; absent ones and the secret stay (T10).',
  gate: writeSubscription,
  input: (t) => ({
    id: t.id({ required: true, description: 'Which subscription.' }),
    url: t.string({ description: descriptions.url }),
    types: t.stringList({ description: descriptions.types }),
    description: t.string({ description: descriptions.description }),
    enabled: t.boolean({ description: descriptions.enabled }),
  }),
  errors: [],
  resolve: (context, { id, ...input }) =>
    updateEventSubscription(context, {
      ...input,
      subscriptionId: idOf(id, 'EventSubscription'),
    } as never),
  payload: {
    description: 'The subscription was changed, or was like this already.',
    fields: (t) => ({
      eventSubscription: t.field({
        type: EventSubscription,
        description: 'The subscription as it is now.',
        resolve: ({ subscriptionId }) => ({ id: subscriptionId }) as never,
      }),
    }),
  },
})

defineMutation({
  name: 'deleteEventSubscription',
  description: 'Deletes an event subscription with its secret (T10).',
  gate: writeSubscription,
  input: (t) => ({ id: t.id({ required: true, description: 'Which subscription.' }) }),
  errors: [],
  resolve: (context, { id }) => deleteEventSubscription(context, idOf(id, 'EventSubscription')),
  payload: {
    description: 'Nothing is sent there any more.',
    fields: (t) => ({
      deletedEventSubscriptionId: t.id({
        description: 'The id that it had.',
        resolve: ({ deletedEventSubscriptionId }) =>
          encodeId('EventSubscription', deletedEventSubscriptionId),
      }),
      workspace: t.field({
        type: Workspace,
        description: 'The workspace whose events they were.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})
