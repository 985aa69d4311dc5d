import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

/** The viewer's access tokens, filtered and ordered (T6). */
export const accessTokenList = defineList('AccessToken', {
  fields: {
    name: text(['name', 'title', 'display_name'], ['name'], 'What its owner calls it.'),
    createdAt: time('create', 'When it was made.'),
    expiresAt: { ...time('expire', 'Until when it works.'), absent: { expiresAt: null } },
    lastUsedAt: {
      kind: 'time',
      names: ['last_use_time', 'last_used_time', 'last_used_at'],
      path: ['lastUsedAt'],
      absent: { lastUsedAt: null },
      description: 'When it was last used.',
    },
  },
  bare: 'name',
  orders: ['name', 'createdAt', 'expiresAt', 'lastUsedAt'],
  defaultOrder: 'create_time desc',
})

/** Where the viewer is signed in, filtered and ordered (T7). */
export const sessionList = defineList('Session', {
  fields: {
    userAgent: {
      ...text(['user_agent'], ['userAgent'], 'What the browser or program calls itself.'),
      absent: { userAgent: null },
    },
    ipAddress: {
      ...text(['ip_address'], ['ipAddress'], 'The network address.'),
      absent: { ipAddress: null },
    },
    createdAt: time('create', 'When it began.'),
    expiresAt: time('expire', 'When it ends if it is not used.'),
  },
  bare: 'userAgent',
  orders: ['createdAt', 'expiresAt'],
  defaultOrder: 'create_time desc',
})
