import { errorType } from '../../graphql/errors.ts'
import { IdempotencyConflict } from './errors.ts'

export const IdempotencyConflictType = errorType(IdempotencyConflict, {
  description:
    'The idempotency key came with another input within the last 7 days. Nothing was done for this call.',
  fields: (t) => ({ key: t.exposeString('key', { description: 'The key.' }) }),
})

/** What `idempotencyKey` fields say. */
export const IDEMPOTENCY =
  'Repeats a call without doing it twice: the same key with the same input is answered as before for 7 days, with another input it is an IdempotencyConflict. 1 to 200 characters, your own for each call.'
