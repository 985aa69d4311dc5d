import { createHmac } from 'node:crypto'
import { shownEntry } from '../../platform/event-chain.ts'
import { encodePosition } from '../../platform/event-position.ts'
import { encodeId } from '../../platform/ids.ts'

/** A message after Standard Webhooks, before it is signed. */
export interface Message {
  /** The same at every attempt: the id of the event. */
  id: string
  type: string
  body: Buffer
}

/** An entry of the log, as the database gives it. */
export interface LogRow {
  id: string
  sequence: bigint
  organizationId: string
  workspaceId: string | null
  type: string
  actorId: string | null
  subjectType: string
  subjectId: string
  changes: unknown
  requestId: string | null
  createdAt: Date
}

/** The message that tells of an event: what the other exits tell, with the ids of the API. */
export function messageOf(row: LogRow): Message {
  const { sequence, subjectType, subjectId, createdAt, organizationId, ...entry } = row
  const { type, ...data } = shownEntry({
    ...entry,
    organizationId,
    subject: { type: subjectType, id: subjectId },
  })
  const place = { sequence: Number(sequence), cursor: encodePosition(organizationId, sequence) }
  return written(data.id, type, createdAt, { ...data, ...place })
}

/** A message that tells of nothing: to see whether an address takes messages. */
export const testMessageOf = (id: string, subscriptionId: string, now: Date): Message =>
  written(`test_${id}`, TEST_TYPE, now, { subscriptionId: encodeId('EventSubscription', subscriptionId) })

export const TEST_TYPE = 'subscription.test'

const written = (id: string, type: string, time: Date, data: object): Message => ({
  id,
  type,
  body: Buffer.from(JSON.stringify({ type, timestamp: time.toISOString(), data })),
})

/**
 * The headers of one attempt: signed with every secret that counts at the moment, the newest first.
 *
 * @param secrets `whsec_` and base64
 */
export function signedHeaders(
  { id, body }: Message,
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  const timestamp = Math.floor(now.getTime() / 1000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
  })
  return {
    'content-type': 'application/json',
    'user-agent': 'Atrium-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
