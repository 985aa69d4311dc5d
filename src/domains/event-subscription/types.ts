import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { encodeId } from '../../graphql/ids.ts'
import { encodePosition } from '../../platform/event-position.ts'
import { forbidden } from '../../platform/refusal.ts'
import { attemptList, DeliveryOutcomeEnum } from './attempt-list.ts'
import { eventSubscriptionList } from './list.ts'
import { TEST_TYPE } from './message.ts'
import { visibleAttempts, visibleEventSubscriptions } from './policy.ts'

const DisabledReasonEnum = builder.enumType('DisabledReason', {
  description: 'Why messages are not sent although somebody has wanted them.',
  values: {
    GONE: { description: 'The receiver answered 410 Gone.' },
    FAILING: {
      description: 'Every attempt has failed for days: five, unless WEBHOOK_GIVE_UP_DAYS says otherwise.',
    },
  } as const,
})

export const DeliveryAttempt = builder.prismaNode('DeliveryAttempt', {
  description:
    'One request to the address of an event subscription. Kept for 30 days, unless ATTEMPT_RETENTION_DAYS says otherwise.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleAttempts(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    eventId: t.id({
      nullable: true,
      description:
        'The event that was sent, as in the header `webhook-id`; null for a test, which is in no log.',
      select: { message: true, type: true },
      resolve: ({ message, type }) => (type === TEST_TYPE ? null : encodeId('Event', message)),
    }),
    type: t.exposeString('type', { description: 'The type of the event; `subscription.test` for a test.' }),
    outcome: t.expose('outcome', { type: DeliveryOutcomeEnum, description: 'What became of it.' }),
    status: t.exposeInt('status', {
      nullable: true,
      description: 'The HTTP status that the receiver answered; null when there was no answer.',
    }),
    reason: t.exposeString('error', {
      nullable: true,
      description: 'Why there was no answer; null when there was one.',
    }),
    durationMs: t.exposeInt('durationMs', { description: 'How long it took, in milliseconds.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
  }),
})

const DeliveryAttemptConnection = defineConnection('DeliveryAttempt', DeliveryAttempt)

export const EventSubscription = builder.prismaNode('EventSubscription', {
  description:
    'An address that wants to hear of the events of a workspace. Messages to it are signed after Standard Webhooks; the secret was answered once, by createEventSubscription. Needs `events:write`.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleEventSubscriptions(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    workspace: t.relation('workspace', { description: 'Whose events.' }),
    url: t.exposeString('url', { description: 'Where messages go.' }),
    types: t.exposeStringList('types', {
      description: 'Types of events, `noun.*` for all about a noun, or `*` for all.',
    }),
    description: t.exposeString('description', { description: 'What it is for; may be empty.' }),
    enabled: t.exposeBoolean('enabled', {
      description: 'Whether messages are sent. Switched on again, it goes on where it stopped.',
    }),
    disabledReason: t.expose('disabledReason', {
      type: DisabledReasonEnum,
      nullable: true,
      description: 'Why it was switched off without anybody wanting it; null otherwise.',
    }),
    cursor: t.string({
      description:
        'Behind which event it goes on: all before it were delivered, or are of types that it does not want.',
      select: { cursor: true, organizationId: true },
      resolve: ({ cursor, organizationId }) => encodePosition(organizationId, cursor),
    }),
    failures: t.exposeInt('failures', { description: 'How many attempts in a row have failed up to now.' }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when nothing is tried after a failure; null when nothing has failed.',
    }),
    rotationEndsAt: t.expose('rotationEndsAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Until when messages are signed with the secret before the last rotation too; null without one.',
    }),
    attempts: t.field(
      relationList('EventSubscription.attempts', 'attempts', {
        type: DeliveryAttemptConnection,
        list: attemptList,
        description: 'The requests to its address, the newest first.',
        where: ({ viewer }) => visibleAttempts(viewer),
      }) as never,
    ),
    createdBy: t.relation('createdBy', {
      nullable: true,
      description: 'Who made it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const EventSubscriptionConnection = defineConnection('EventSubscription', EventSubscription)

builder.prismaObjectField('Workspace', 'eventSubscriptions', (t) =>
  t.field({
    ...relationList('Workspace.eventSubscriptions', 'eventSubscriptions', {
      type: EventSubscriptionConnection,
      list: eventSubscriptionList,
      description:
        'The event subscriptions of this workspace, newest first. Needs `events:write`; null, with an error, where it is missing.',
      where: ({ viewer }) => visibleEventSubscriptions(viewer),
      allow: async (context: Context, id) => {
        const standing = await context.access.onWorkspace(id)
        if (!standing?.permissions.has('events:write')) throw forbidden('events:write')
      },
    }),
    nullable: true,
  } as never),
)
