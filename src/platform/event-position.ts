import { badInput } from './refusal.ts'

/** A place in the log of one organization, as `after` of events and of the live subscriptions takes it. It grants nothing. */
export const encodePosition = (organizationId: string, sequence: bigint): string =>
  Buffer.from(`${organizationId}:${sequence}`).toString('base64url')

/**
 * @returns the sequence behind which to go on
 * @throws {CodedError} BAD_USER_INPUT `CURSOR_MISMATCH` for what no event of this organization gave
 */
export function decodePosition(organizationId: string, position: string): bigint {
  const [, id, sequence] =
    /^([0-9a-f-]{36}):(\d{1,18})$/.exec(Buffer.from(position, 'base64url').toString('utf8')) ?? []
  if (id !== organizationId || sequence === undefined) {
    throw badInput(
      'CURSOR_MISMATCH',
      'This is no cursor of an event of this organization. Give back `Event.cursor` or `pageInfo.endCursor` as it was.',
    )
  }
  return BigInt(sequence)
}

/** What stood behind a cursor is not there any more: going on would skip it in silence. */
export const expiredPosition = (first: bigint) =>
  badInput(
    'CURSOR_EXPIRED',
    `The log begins with sequence ${first} by now: older events were removed by retention. Start again without \`after\`.`,
  )
