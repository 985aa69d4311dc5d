import { recordAccess } from '../../access/record-access.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, rootList } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { escapeLike } from '../../graphql/lists/columns.ts'
import { missing } from '../../platform/refusal.ts'
import { Admin } from '../admin/types.ts'
import { visibleUsers } from '../identity/policy.ts'
import { User } from '../identity/types.ts'
import { userList } from './list.ts'

const UserConnection = defineConnection('User', User)

builder.prismaObjectField('User', 'suspendedAt', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'Since when they can not sign in; null while they can. Platform administrators alone are told.',
    select: { suspendedAt: true },
    resolve: ({ suspendedAt }, _args, { viewer }) => (viewer?.platformRole === 'ADMIN' ? suspendedAt : null),
  }),
)

builder.objectFields(Admin, (t) => {
  const users = rootList('Admin.users', ({ db }) => db.user, {
    type: UserConnection,
    list: userList,
    description: 'Everybody with an account, newest first.',
    args: {
      search: t.arg.string({
        description: 'Only those with this text in their name or address, in any case.',
      }),
    },
    where: ({ viewer }, { search }) => ({ AND: [visibleUsers(viewer), found(search?.trim())] }),
  })
  return {
    user: t.prismaField({
      type: User,
      nullable: true,
      description: 'One person; null, with NOT_FOUND, when there is none.',
      args: { id: t.arg.id({ required: true, description: 'The id of a user.' }) },
      resolve: async (query, _admin, args, context) => {
        const id = idOf(args.id, 'User')
        await recordAccess(context, 'Admin.user', { type: 'User', id })
        return (
          (await context.db.user.findUnique({
            ...query,
            where: { id, AND: [visibleUsers(context.viewer)] },
          })) ?? missing()
        )
      },
    }),
    users: t.field({
      ...users,
      resolve: async (...args: Parameters<typeof users.resolve>) => {
        await recordAccess(args[2], 'Admin.users')
        return users.resolve(...args)
      },
    } as never),
  }
})

function found(search: string | undefined) {
  return search ? { searchText: { contains: escapeLike(search), mode: 'insensitive' } as const } : {}
}
