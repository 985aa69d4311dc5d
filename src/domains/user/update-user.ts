import { z } from 'zod'
import { signedIn } from '../../access/caller.ts'
import { inTransaction, type Tx, violates } from '../../platform/db.ts'
import { appendEvents, changesBetween, type NewEvent } from '../../platform/events.ts'
import { missing } from '../../platform/refusal.ts'
import { emailField, nameField, parseInput } from '../../platform/validation.ts'
import type { IdentityCaller } from '../identity/caller.ts'
import { endSessions } from '../identity/end-sessions.ts'
import { EmailTaken } from '../identity/errors.ts'
import { promote } from '../member/verify-address.ts'
import { refuseLastAdmin } from './refuse-last-admin.ts'
import { refuseUnlessAdmin } from './refuse-unless-admin.ts'

const input = z.object({
  fullName: nameField().nullish(),
  email: emailField().nullish(),
  emailVerified: z.boolean().nullish(),
  platformRole: z.enum(['ADMIN', 'USER']).nullish(),
  suspended: z.boolean().nullish(),
})

/**
 * Changes somebody's account (T4). An absent field is kept. A new address counts as not verified unless the administrator
 * vouches for it; a suspension ends sessions and access tokens.
 *
 * @throws {CodedError} UNAUTHENTICATED, FORBIDDEN, NOT_FOUND
 * @throws {ValidationError}
 * @throws {EmailTaken}
 * @throws {LastPlatformAdmin} when the platform would have no active administrator
 */
export async function updateUser(
  caller: IdentityCaller,
  { id, ...given }: { id: string } & z.input<typeof input>,
): Promise<{ userId: string }> {
  const viewer = signedIn(caller)
  const wanted = parseInput(input, given)
  try {
    await inTransaction(caller.db, async (tx) => {
      await refuseUnlessAdmin(tx, viewer)
      await appendEvents(tx, caller, await change(tx, caller, id, wanted))
    })
  } catch (error) {
    if (violates(error, 'user_email_key')) throw new EmailTaken()
    throw error
  }
  return { userId: id }
}

async function change(
  tx: Tx,
  { clock, env }: IdentityCaller,
  id: string,
  wanted: z.output<typeof input>,
): Promise<NewEvent[]> {
  await tx.$queryRaw`SELECT FROM "user" WHERE id = ${id}::uuid FOR UPDATE`
  const user = (await tx.user.findUnique({ where: { id } })) ?? missing()
  const before = {
    fullName: user.name,
    email: user.email,
    emailVerified: user.emailVerified,
    platformRole: user.platformRole,
    suspended: user.suspendedAt !== null,
  }
  const after = withoutNulls(wanted)
  const isMoved = after.email !== undefined && after.email !== before.email.toLowerCase()
  if (isMoved) after.emailVerified ??= false
  const changes = changesBetween(before, after)
  if (Object.keys(changes).length === 0) return []
  const { fullName: name, email, emailVerified, platformRole } = after
  const suspendedAt = changes.suspended && (after.suspended ? clock.now() : null)
  await tx.user.update({ where: { id }, data: { name, email, emailVerified, platformRole, suspendedAt } })
  if (user.platformRole === 'ADMIN' && (changes.platformRole || suspendedAt)) await refuseLastAdmin(tx)
  // A link that went to the old address must not open the account any more.
  if (isMoved) await tx.verification.deleteMany({ where: { value: id } })
  const ended = suspendedAt ? await endSessions(tx, id, null) : []
  const promoted = changes.emailVerified?.after === true ? await promote(tx, env.ADMIN_EMAIL) : []
  const updated: NewEvent = {
    organizationId: null,
    type: 'user.updated',
    subject: { type: 'User', id },
    changes,
  }
  return [updated, ...promoted, ...ended]
}

type Patch<T> = { [Key in keyof T]?: NonNullable<T[Key]> | undefined }

/** None of these fields can be empty, so null can only mean that it stays. */
function withoutNulls<T extends object>(fields: T): Patch<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Patch<T>
}
