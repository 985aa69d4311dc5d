import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Caller, signedIn } from '../../access/caller.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'
import { canonicalJson } from '../../platform/event-chain.ts'
import { CONTROL_IN_TEXT } from '../../platform/validation.ts'
import { IdempotencyConflict } from './errors.ts'

/** How long an answer is remembered. */
export const REMEMBERED_DAYS = 7
const DAY = 86_400_000

/** The key under which a client repeats a call without doing it twice. */
export const idempotencyKeyField = z
  .string()
  .min(1, "An idempotency key can't be empty.")
  .max(200, 'An idempotency key can have at most 200 characters.')
  .refine((key) => !CONTROL_IN_TEXT.test(key), "An idempotency key can't contain control characters.")

/** The fingerprint of an input, whatever the order of its fields. */
export const digestOf = (input: unknown): string =>
  createHash('sha256').update(canonicalJson(input)).digest('hex')

/** Up to when a remembered answer has to be made to count still. */
export const rememberedSince = ({ clock }: Pick<Caller, 'clock'>): Date =>
  new Date(clock.now().getTime() - REMEMBERED_DAYS * DAY)

interface Repeatable {
  mutation: string
  /** Null for a call that is not to be remembered. */
  key: string | null
  digest: string
}

/**
 * Answers a call that was made before as it was answered then. Of two calls at once with the same key the second waits here
 * for the first. Called first in the transaction, before any lock.
 *
 * @returns null when this is the first one: {@link rememberAnswer} at the end
 * @throws {IdempotencyConflict} when the key came with another input
 */
export async function answerBefore<Answer>(
  tx: Tx,
  caller: Caller,
  { mutation, key, digest }: Repeatable,
): Promise<Answer | null> {
  if (key === null) return null
  const { userId } = signedIn(caller)
  const row = { userId, mutation, key }
  await tx.idempotencyKey.deleteMany({ where: { ...row, createdAt: { lt: rememberedSince(caller) } } })
  const { count } = await tx.idempotencyKey.createMany({
    data: [{ ...row, digest, createdAt: caller.clock.now() }],
    skipDuplicates: true,
  })
  if (count > 0) return null
  const before = await tx.idempotencyKey.findUniqueOrThrow({ where: { userId_mutation_key: row } })
  if (before.digest !== digest) throw new IdempotencyConflict(key)
  return before.answer as Answer
}

/** Keeps the answer of a call for those who repeat it, in the call's own transaction. Never a secret. */
export async function rememberAnswer(
  tx: Tx,
  caller: Caller,
  { mutation, key }: Repeatable,
  answer: Prisma.InputJsonObject,
): Promise<void> {
  if (key === null) return
  const { userId } = signedIn(caller)
  await tx.idempotencyKey.update({
    where: { userId_mutation_key: { userId, mutation, key } },
    data: { answer },
    select: { key: true },
  })
}
