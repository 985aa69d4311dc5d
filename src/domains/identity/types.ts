import { isAuthenticated } from '../../access/rules.ts'
import type { Viewer as SignedIn } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { canReadAddress, sharedMemberships, visibleUsers } from './policy.ts'

export const PlatformRoleEnum = builder.enumType('PlatformRole', {
  description: 'What a person may do on the whole instance.',
  values: {
    ADMIN: { description: 'Everything, and always in the audit log.' },
    USER: { description: 'Nothing by itself: roles in organizations and workspaces decide.' },
  } as const,
})

const readableAddress = (
  person: { id: string; email: string; memberships: readonly unknown[] },
  { viewer }: Context,
): string | null => (canReadAddress(viewer, person) ? person.email : null)

export const User = builder.prismaNode('User', {
  description: 'A person.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleUsers(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    email: t.string({
      nullable: true,
      description:
        'The address, in lower case. Null unless it is yourself, you share an organization, or you are a platform administrator.',
      select: (_args, { viewer }) => ({
        id: true,
        email: true,
        memberships: { where: sharedMemberships(viewer), select: { id: true }, take: 1 },
      }),
      extensions: { fromRow: readableAddress },
      resolve: (person, _args, context) => readableAddress(person, context),
    }),
    fullName: t.exposeString('name', { description: 'What they call themselves.' }),
    image: t.exposeString('image', {
      nullable: true,
      description: 'Address of their picture; null when there is none.',
    }),
    emailVerified: t.exposeBoolean('emailVerified', {
      description: 'Whether they have shown that they read the mail of their address.',
    }),
    platformRole: t.expose('platformRole', {
      type: PlatformRoleEnum,
      description: 'What they may do on the whole instance.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
  }),
})

/** The signed-in person: other domains add what belongs to them. */
export const Viewer = builder.objectRef<SignedIn>('Viewer').implement({
  description: 'Who is asking, and what is theirs.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      description: 'The person.',
      resolve: (query, { userId }, _args, { db }) =>
        db.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: 'Whoever is signed in, also with an address that is not verified yet.',
    extensions: { gate: isAuthenticated },
    resolve: (_root, _args, { viewer }) => viewer,
  }),
)
