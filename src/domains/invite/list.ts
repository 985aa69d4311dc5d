import { builder } from '../../graphql/builder.ts'
import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'
import { roleScopeColumn, rolesCalled } from '../role/list.ts'
import { INVITE_STATUSES, type InviteStatus } from './invite-status.ts'
import { withStatus } from './policy.ts'

export const InviteStatusEnum = builder.enumType('InviteStatus', {
  description: 'What has become of an invite.',
  values: INVITE_STATUSES,
})

/** Invites, filtered and ordered (P13). */
export const inviteList = defineList('Invite', {
  fields: {
    email: { ...text(['email'], ['email'], 'Whom it is for.'), lower: true },
    status: {
      kind: 'choice',
      names: ['status', 'state'],
      description: 'What has become of it.',
      type: InviteStatusEnum as never,
      values: Object.keys(INVITE_STATUSES),
      match: (status, { clock }) => withStatus(status as InviteStatus, clock.now()),
    },
    role: {
      kind: 'term',
      names: ['role'],
      description: 'The role that is offered, by key, name or alias, in any case.',
      through: 'role',
      match: rolesCalled,
    },
    roleScope: roleScopeColumn(['roleScope']),
    createdAt: time('create', 'When the address was first invited.'),
    expiresAt: time('expire', 'Until when it can be accepted.'),
  },
  bare: 'email',
  orders: ['email', 'createdAt', 'expiresAt'],
  defaultOrder: 'create_time desc',
})
