import { z } from 'zod'
import { inTransaction, type Tx, violates } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import type { Services } from '../../platform/services.ts'
import { emailField, nameField } from '../../platform/validation.ts'
import { verifyAddress } from '../member/verify-address.ts'
import { endSessions } from './end-sessions.ts'

/** What a token says about a person; everything else in it does not matter here. */
const claimed = z.object({
  email: emailField(),
  email_verified: z.literal(true),
  name: nameField().optional().catch(undefined),
})

export interface IssuedIdentity {
  issuer: string
  subject: string
  /** The claims of a token that was verified. */
  claims: unknown
}

/**
 * Links a subject of the external issuer, at first sight, to the person with its verified e-mail address (T5). Without
 * such a person one is created if AUTH_CREATE_USERS says so.
 *
 * @returns false when there is nobody to link to
 */
export async function linkIssuedUser(services: Services, identity: IssuedIdentity): Promise<boolean> {
  const { data } = claimed.safeParse(identity.claims)
  if (!data) return false
  try {
    return await inTransaction(services.db, (tx) => link(tx, services, identity, data))
  } catch (error) {
    // Another request with the same token, or a sign-up with the same address, came first: it is linked, or is next time.
    if (violates(error, 'account_provider_id_account_id_key') || violates(error, 'user_email_key'))
      return true
    throw error
  }
}

async function link(
  tx: Tx,
  services: Services,
  { issuer, subject }: IssuedIdentity,
  { email, name }: z.output<typeof claimed>,
): Promise<boolean> {
  const present = await tx.user.findUnique({
    where: { email },
    select: { id: true, emailVerified: true, suspendedAt: true },
  })
  if (present?.suspendedAt || (!present && !services.env.AUTH_CREATE_USERS)) return false
  const userId = present?.id ?? newId()
  const entry = present
    ? await takeOver(tx, services, present)
    : await create(tx, services, { userId, email, name: name ?? email.slice(0, email.indexOf('@')) })
  await tx.account.create({ data: { providerId: issuer, accountId: subject, userId } })
  const linked: NewEvent = {
    organizationId: null,
    type: 'user.linked',
    subject: { type: 'User', id: userId },
    changes: { issuer: { after: issuer } },
  }
  await appendEvents(tx, { viewer: { userId }, requestId: null }, [...entry, linked])
  return true
}

async function create(
  tx: Tx,
  { env }: Services,
  { userId: id, email, name }: { userId: string; email: string; name: string },
): Promise<NewEvent[]> {
  await tx.user.create({ data: { id, email, name, emailVerified: false } })
  const changes = { email: { after: email }, fullName: { after: name } }
  const created: NewEvent = {
    organizationId: null,
    type: 'user.created',
    subject: { type: 'User', id },
    changes,
  }
  return [created, ...(await verifyAddress(tx, env, id))]
}

/**
 * The issuer knows whose address it is. Whoever has made the account without having shown that must not go on using it:
 * their password, sessions and tokens end.
 */
async function takeOver(
  tx: Tx,
  { env }: Services,
  { id, emailVerified }: { id: string; emailVerified: boolean },
): Promise<NewEvent[]> {
  if (emailVerified) return []
  await tx.account.deleteMany({ where: { userId: id, providerId: 'credential' } })
  await tx.verification.deleteMany({ where: { value: id } })
  const ended = await endSessions(tx, id, null)
  return [...(await verifyAddress(tx, env, id)), ...ended]
}
