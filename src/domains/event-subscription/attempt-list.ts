import { builder } from '../../graphql/builder.ts'
import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

export const DeliveryOutcomeEnum = builder.enumType('DeliveryOutcome', {
  description: 'What became of one attempt.',
  values: {
    DELIVERED: { description: 'The receiver answered 2xx.' },
    FAILED: { description: 'It answered something else, too late, or not at all.' },
  } as const,
})

/** The attempts to reach an event subscription, filtered and ordered (E4). */
export const attemptList = defineList('DeliveryAttempt', {
  fields: {
    type: text(['type'], ['type'], 'The type of the event that was sent.'),
    outcome: {
      kind: 'choice',
      names: ['outcome'],
      description: 'What became of it.',
      type: DeliveryOutcomeEnum as never,
      values: ['DELIVERED', 'FAILED'],
      path: ['outcome'],
    },
    status: {
      kind: 'integer',
      names: ['status'],
      path: ['status'],
      absent: { status: null },
      description: 'The HTTP status that the receiver answered.',
    },
    createdAt: time('create', 'When it began.'),
  },
  bare: 'type',
  orders: ['createdAt'],
  defaultOrder: 'create_time desc',
})
