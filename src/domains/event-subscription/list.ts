import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

/** The event subscriptions of a workspace, filtered and ordered (T10). */
export const eventSubscriptionList = defineList('EventSubscription', {
  fields: {
    url: text(['url'], ['url'], 'Where messages are sent.'),
    description: text(['description'], ['description'], 'What it is for.'),
    types: {
      kind: 'texts',
      names: ['types', 'type'],
      path: ['types'],
      description: 'The types of events as they were named.',
    },
    enabled: {
      kind: 'flag',
      names: ['enabled'],
      path: ['enabled'],
      description: 'Whether messages are sent.',
    },
    createdAt: time('create', 'When it was made.'),
    updatedAt: time('update', 'When it was last changed.'),
  },
  bare: 'url',
  orders: ['url', 'createdAt', 'updatedAt'],
  defaultOrder: 'create_time desc',
})
