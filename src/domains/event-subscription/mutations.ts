import { can, workspace, workspaceOf } from '../../access/rules.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { Workspace } from '../workspace/types.ts'
import { createEventSubscription } from './create-event-subscription.ts'
import { deleteEventSubscription } from './delete-event-subscription.ts'
import { replayEventSubscription } from './replay-event-subscription.ts'
import { rotateEventSubscriptionSecret } from './rotate-event-subscription-secret.ts'
import { sendTestEvent } from './send-test-event.ts'
import { DeliveryAttempt, EventSubscription } from './types.ts'
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
  description: 'Subscribes an address to events of a workspace.',
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
        resolve: ({ subscriptionId }, _args, context, info) =>
          payloadRow(context, info, 'EventSubscription', subscriptionId),
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
  description: 'Changes the given fields of an event subscription; absent ones and the secret stay.',
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
        resolve: ({ subscriptionId }, _args, context, info) =>
          payloadRow(context, info, 'EventSubscription', subscriptionId),
      }),
    }),
  },
})

defineMutation({
  name: 'deleteEventSubscription',
  description: 'Deletes an event subscription with its secret.',
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

const changed = 'The subscription as it is now.'

defineMutation({
  name: 'rotateEventSubscriptionSecret',
  description:
    'Gives an event subscription a new secret. For `overlapHours` messages carry two signatures, of the new and of the old secret, so that the receiver can change over at leisure.',
  gate: writeSubscription,
  input: (t) => ({
    id: t.id({ required: true, description: 'Which subscription.' }),
    overlapHours: t.int({
      description:
        'How long the old secret counts too: 0 to 168 hours; absent, 24. With 0 it is void at once.',
    }),
  }),
  errors: [],
  resolve: (context, { id, ...input }) =>
    rotateEventSubscriptionSecret(context, { ...input, subscriptionId: idOf(id, 'EventSubscription') }),
  payload: {
    description: 'There is a new secret. Keep it: it is not answered again.',
    fields: (t) => ({
      eventSubscription: t.field({
        type: EventSubscription,
        description: changed,
        resolve: ({ subscriptionId }, _args, context, info) =>
          payloadRow(context, info, 'EventSubscription', subscriptionId),
      }),
      secret: t.exposeString('secret', {
        description: 'The new secret: `whsec_` and base64. Answered only here.',
      }),
    }),
  },
})

defineMutation({
  name: 'replayEventSubscription',
  description:
    'Sends events of the past again, each with the id that it had, or lets a subscription go on behind an event that its receiver can not take. Where events were removed by retention, it goes on with the first that is left.',
  gate: writeSubscription,
  input: (t) => ({
    id: t.id({ required: true, description: 'Which subscription.' }),
    after: t.string({ description: 'Events behind this `Event.cursor`. This or `fromAt`.' }),
    fromAt: t.field({ type: 'DateTime', description: 'Events from this instant on. This or `after`.' }),
  }),
  errors: [],
  resolve: (context, { id, ...input }) =>
    replayEventSubscription(context, { ...input, subscriptionId: idOf(id, 'EventSubscription') }),
  payload: {
    description: 'Its cursor was moved; what is behind it is being sent, if it is enabled.',
    fields: (t) => ({
      eventSubscription: t.field({
        type: EventSubscription,
        description: changed,
        resolve: ({ subscriptionId }, _args, context, info) =>
          payloadRow(context, info, 'EventSubscription', subscriptionId),
      }),
    }),
  },
})

defineMutation({
  name: 'sendTestEvent',
  description:
    'Sends one message of the type `subscription.test` to the address of a subscription, at once and without a second try, also when it is not enabled. It tells of nothing and is in no log.',
  gate: writeSubscription,
  input: (t) => ({ id: t.id({ required: true, description: 'Which subscription.' }) }),
  errors: [],
  resolve: (context, { id }) => sendTestEvent(context, idOf(id, 'EventSubscription')),
  payload: {
    description: 'It was tried; `attempt` tells what came of it.',
    fields: (t) => ({
      attempt: t.field({
        type: DeliveryAttempt,
        description: 'What came of it.',
        resolve: ({ attemptId }, _args, context, info) =>
          payloadRow(context, info, 'DeliveryAttempt', attemptId),
      }),
      eventSubscription: t.field({
        type: EventSubscription,
        description: 'The subscription.',
        resolve: ({ subscriptionId }, _args, context, info) =>
          payloadRow(context, info, 'EventSubscription', subscriptionId),
      }),
    }),
  },
})
