import { v7 } from 'uuid'

/** A new row id: UUIDv7, which grows with time, so that new rows stand together in an index. */
export const newId = (): string => v7()

/** A global id as clients see it: base64url of `Type:id` (W2). They must not take it apart. */
export const encodeId = (typename: string, id: string): string =>
  Buffer.from(`${typename}:${id}`).toString('base64url')
