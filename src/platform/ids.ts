import { v7 } from 'uuid'

/** A new row id: UUIDv7, which grows with time, so that new rows stand together in an index. */
export const newId = (): string => v7()
