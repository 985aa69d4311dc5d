import { isInPerson, isPlatformAdmin } from '../../access/rules.ts'
import { errorType } from '../../graphql/errors.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { appendCookies, EmailTakenType, InvalidCredentialsType, userOf } from '../identity/mutations.ts'
import { PlatformRoleEnum } from '../identity/types.ts'
import { Organization } from '../organization/types.ts'
import { closeAccount } from './close-account.ts'
import { createUser } from './create-user.ts'
import { deleteUser } from './delete-user.ts'
import { LastPlatformAdmin, SoleOwner } from './errors.ts'
import { updateUser } from './update-user.ts'

const LastPlatformAdminType = errorType(LastPlatformAdmin, {
  description: 'The platform would have no active administrator.',
})

const SoleOwnerType = errorType(SoleOwner, {
  description: 'Organizations would have no owner who can act: nobody else owns them who is not suspended.',
  fields: (t) => ({
    organizations: t.prismaField({
      type: [Organization],
      description: 'These organizations, deleted ones that can be restored among them.',
      resolve: (query, { organizationIds }, _args, { db }) =>
        db.organization.findMany({
          ...query,
          where: { id: { in: organizationIds } },
          orderBy: { id: 'asc' },
        }),
    }),
  }),
})

const forAdmins = 'For platform administrators.'
const emailDescription = 'An e-mail address, in any case.'

defineMutation({
  name: 'createUser',
  description: `Makes an account for somebody, without an organization. ${forAdmins}`,
  gate: isPlatformAdmin,
  input: (t) => ({
    email: t.string({ required: true, description: emailDescription }),
    fullName: t.string({ required: true, description: '1 to 120 characters.' }),
    password: t.string({ required: true, description: '8 to 128 characters. They can change it.' }),
    platformRole: t.field({ type: PlatformRoleEnum, description: 'Absent: USER.' }),
    emailVerified: t.boolean({
      description: 'True vouches for the address. Otherwise a mail asks to verify it.',
    }),
  }),
  errors: [EmailTakenType],
  resolve: (context, input) => createUser(context, input),
  payload: { description: 'The new account.', fields: (t) => ({ user: userOf(t, 'The new person.') }) },
})

defineMutation({
  name: 'updateUser',
  description: `Changes somebody's account. An absent field is kept. ${forAdmins}`,
  gate: isPlatformAdmin,
  input: (t) => ({
    id: t.id({ required: true, description: 'The person.' }),
    fullName: t.string({ description: '1 to 120 characters.' }),
    email: t.string({
      description: `${emailDescription} A new one counts as not verified unless \`emailVerified\` is given.`,
    }),
    emailVerified: t.boolean({ description: 'Whether the address counts as verified.' }),
    platformRole: t.field({ type: PlatformRoleEnum, description: 'What they may do on the instance.' }),
    suspended: t.boolean({
      description:
        'True ends their sessions and access tokens, and they can not sign in until it is false again. Their roles are kept.',
    }),
  }),
  errors: [EmailTakenType, LastPlatformAdminType],
  resolve: (context, { id, ...input }) => updateUser(context, { id: idOf(id, 'User'), ...input }),
  payload: {
    description: 'The changed account.',
    fields: (t) => ({ user: userOf(t, 'The person.') }),
  },
})

defineMutation({
  name: 'deleteUser',
  description: `Deletes somebody's account, with their memberships, sessions and access tokens. What they have made stays. ${forAdmins}`,
  gate: isPlatformAdmin,
  input: (t) => ({
    id: t.id({ required: true, description: 'The person.' }),
    transferOwnershipTo: t.id({
      description:
        'Whoever becomes an owner of the organizations that only this person owns. Without it those are a reason to refuse.',
    }),
  }),
  errors: [SoleOwnerType, LastPlatformAdminType],
  resolve: (context, { id, transferOwnershipTo }) =>
    deleteUser(context, {
      id: idOf(id, 'User'),
      transferOwnershipTo: transferOwnershipTo == null ? null : idOf(transferOwnershipTo, 'User'),
    }),
  payload: {
    description: 'The account is gone.',
    fields: (t) => ({
      deletedUserId: t.id({
        description: 'The id of the person.',
        resolve: ({ deletedUserId }) => encodeId('User', deletedUserId),
      }),
    }),
  },
})

defineMutation({
  name: 'closeAccount',
  description:
    "Deletes the viewer's own account, with their memberships, sessions and access tokens. What they have made stays. Not by an access token.",
  gate: isInPerson,
  input: (t) => ({ password: t.string({ required: true, description: "The viewer's password." }) }),
  errors: [InvalidCredentialsType, SoleOwnerType, LastPlatformAdminType],
  resolve: async (context, input) => {
    const closed = await closeAccount(context, input)
    context.viewer = null
    appendCookies(context, await context.auth.cookiesForSignOut())
    return closed
  },
  payload: {
    description: 'The account is gone, and nobody is signed in.',
    fields: (t) => ({
      closedUserId: t.id({
        description: 'The id that the person had.',
        resolve: ({ closedUserId }) => encodeId('User', closedUserId),
      }),
    }),
  },
})
