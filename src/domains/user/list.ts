import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'
import { PlatformRoleEnum } from '../identity/types.ts'

/** Everybody with an account, filtered and ordered (T4). */
export const userList = defineList('User', {
  fields: {
    email: { ...text(['email'], ['email'], 'The address.'), lower: true },
    fullName: text(['display_name', 'full_name', 'name'], ['name'], 'What the person calls themselves.'),
    platformRole: {
      kind: 'choice',
      names: ['platform_role'],
      path: ['platformRole'],
      description: 'What they may do on the instance.',
      type: PlatformRoleEnum as never,
      values: ['ADMIN', 'USER'],
    },
    emailVerified: {
      kind: 'flag',
      names: ['email_verified'],
      path: ['emailVerified'],
      description: 'Whether they have shown that the address is theirs.',
    },
    suspendedAt: {
      kind: 'time',
      names: ['suspend_time', 'suspended_time', 'suspended_at'],
      path: ['suspendedAt'],
      absent: { suspendedAt: null },
      description: 'Since when they can not sign in.',
    },
    createdAt: time('create', 'When the account was made.'),
    updatedAt: time('update', 'When it was last changed.'),
  },
  bare: 'email',
  orders: ['email', 'fullName', 'createdAt', 'updatedAt', 'suspendedAt'],
  defaultOrder: 'create_time desc',
})
