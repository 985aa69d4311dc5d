import type { Outbound } from '../../platform/outbound.ts'
import type { Services } from '../../platform/services.ts'
import type { Attempt, Claim } from './claims.ts'
import { type Message, signedHeaders } from './message.ts'

type Sender = Pick<Services, 'clock' | 'secrets'> & { outbound: Outbound }
type Receiver = Pick<Claim, 'url' | 'sealedSecret' | 'previousSealedSecret' | 'rotationEndsAt'>

/** The secrets that count at this moment, the newest first: two during a rotation. */
export function secretsOf({ secrets }: Pick<Services, 'secrets'>, receiver: Receiver, now: Date): string[] {
  const { sealedSecret, previousSealedSecret, rotationEndsAt } = receiver
  const isRotating = previousSealedSecret !== null && rotationEndsAt !== null && rotationEndsAt > now
  return [sealedSecret, ...(isRotating ? [previousSealedSecret] : [])].map((sealed) => secrets.open(sealed))
}

/**
 * Makes one attempt to deliver a message. Anything but an answer of 2xx has failed: a redirect is not followed.
 *
 * @param message the row id that the attempt is noted with
 */
export async function sendMessage(
  sender: Sender,
  receiver: Receiver,
  { id, type, body }: Message,
  message: string,
): Promise<{ attempt: Attempt; retryAfter: string | null }> {
  const at = sender.clock.now()
  const headers = signedHeaders({ id, type, body }, secretsOf(sender, receiver, at), at)
  const startedAt = performance.now()
  const { status, error, retryAfter } = await sender.outbound.post(receiver.url, headers, body)
  const isDelivered = status !== null && status >= 200 && status < 300
  const durationMs = Math.round(performance.now() - startedAt)
  const outcome = isDelivered ? 'DELIVERED' : 'FAILED'
  return { attempt: { message, type, outcome, status, error, durationMs, at }, retryAfter }
}
