import { validate as isUuid } from 'uuid'
import { BoundedMap } from '../platform/reading/bounded-map.ts'
import { badInput } from '../platform/refusal.ts'

export { encodeId } from '../platform/ids.ts'

const malformed = (globalId: string) =>
  badInput(
    'INVALID_ID',
    `"${globalId.slice(0, 60)}" is not an id of this API. Use the ids exactly as it returned them.`,
  )

interface Decoded {
  typename: string
  id: string
}

const LONGEST_ID = 128
/** One request decodes its ids for the limits, for the gates and for the use case. */
const decoded = new BoundedMap<string, Decoded>(500)

/** @throws {CodedError} BAD_USER_INPUT `INVALID_ID` */
export function decodeId(globalId: string): Decoded {
  const known = decoded.get(globalId)
  if (known) return known
  const fresh = decode(globalId)
  if (globalId.length <= LONGEST_ID) decoded.set(globalId, fresh)
  return fresh
}

function decode(globalId: string): Decoded {
  const [, typename, id] =
    /^([A-Za-z]+):(.+)$/.exec(Buffer.from(globalId, 'base64url').toString('utf8')) ?? []
  const parts = id?.split('.') ?? []
  // Every id is a UUID, or two of them where a member is inherited from the organization (`<grant>.<workspace>`).
  const most = typename === 'Member' ? 2 : 1
  if (!typename || !id || parts.length > most || !parts.every((part) => isUuid(part)))
    throw malformed(globalId)
  return { typename, id }
}

/**
 * The row id inside of a global id that must be of one of these types.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_ID` when it is malformed or of another type
 */
export function idOf(globalId: string, ...typenames: [string, ...string[]]): string {
  return typedIdOf(globalId, ...typenames).id
}

/** Like {@link idOf}, for fields that take ids of several types. */
export function typedIdOf<T extends string>(
  globalId: string,
  ...typenames: [T, ...T[]]
): { typename: T; id: string } {
  const { typename, id } = decodeId(globalId)
  const known = typenames.find((name) => name === typename)
  if (!known) {
    throw badInput(
      'INVALID_ID',
      `This takes the id of ${typenames.join(' or ')}, but was given the id of ${typename}.`,
    )
  }
  return { typename: known, id }
}
