import type { Caller } from '../src/access/caller.ts'
import { lockScope } from '../src/access/standing.ts'
import { loadViewer } from '../src/access/viewer.ts'
import type { DemoAccount } from '../src/banner.ts'
import { signUp } from '../src/domains/identity/sign-up.ts'
import { createInvites } from '../src/domains/invite/create-invites.ts'
import { grantRole } from '../src/domains/member/grant-role.ts'
import { findRole } from '../src/domains/role/find-role.ts'
import { createWorkspace } from '../src/domains/workspace/create-workspace.ts'
import { inTransaction } from '../src/platform/db.ts'
import { appendEvents } from '../src/platform/events.ts'
import type { Service } from '../src/service.ts'

const PASSWORD = 'atrium-demo'

const PEOPLE = [
  {
    email: 'ada@demo.localhost',
    fullName: 'Ada Lovelace',
    organizationName: 'Acme',
    role: 'owner of the demo organization',
  },
  {
    email: 'grace@demo.localhost',
    fullName: 'Grace Hopper',
    organizationName: 'Hopper',
    role: 'editor of one workspace',
  },
] as const

/** How to sign in to the demo organization: the password is no secret, because the demo is for looking around. */
export const demoAccounts: DemoAccount[] = PEOPLE.map(({ email, role }) => ({
  email,
  password: PASSWORD,
  role,
}))

/** The first demo account: whoever finds it knows that the demo is there. */
export const demoOwner = PEOPLE[0].email

/** Fills an empty database with a small organization, through the use cases that the API calls. */
export async function seedDemo({ services, auth }: Pick<Service, 'services' | 'auth'>): Promise<void> {
  const [ada, grace] = await Promise.all(PEOPLE.map((person) => signUpVerified({ services, auth }, person)))
  if (!ada || !grace) return
  const caller = await callerFor(services, ada.userId)
  const fields = {
    organizationId: ada.organizationId,
    name: 'Rhine valley survey',
    key: 'rhine',
    description: 'Everything about the survey of 2026.',
    labels: ['survey', 'europe'],
    defaultCoordinateSystem: 'EPSG:4326',
    boundingBox: {
      type: 'Polygon' as const,
      coordinates: [
        [
          [6.9, 50.3],
          [7.9, 50.3],
          [7.9, 51.2],
          [6.9, 51.2],
          [6.9, 50.3],
        ],
      ],
    },
  }
  const { workspaceId } = await createWorkspace(caller, fields)
  await inTransaction(services.db, async (tx) => {
    const scope = await lockScope(tx, { kind: 'Workspace', id: workspaceId })
    const editor = await findRole(tx, ada.organizationId, 'WORKSPACE', 'WRITE')
    await appendEvents(tx, caller, await grantRole(tx, scope, grace.userId, editor, null))
  })
  await createInvites(caller, {
    scope: { kind: 'Workspace', id: workspaceId },
    invites: [{ email: 'linus@demo.localhost', role: 'READ' }],
  })
}

async function signUpVerified(
  { services, auth }: Pick<Service, 'services' | 'auth'>,
  { email, fullName, organizationName }: (typeof PEOPLE)[number],
) {
  const caller = { ...services, auth, viewer: null, requestId: null }
  const created = await signUp(caller, { email, fullName, organizationName, password: PASSWORD })
  // Nobody reads the mail of a demo address.
  await services.db.user.update({ where: { id: created.userId }, data: { emailVerified: true } })
  return created
}

async function callerFor(services: Service['services'], userId: string): Promise<Caller> {
  return { ...services, viewer: await loadViewer(services.db, userId), requestId: null }
}
