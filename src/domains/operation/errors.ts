import { Refusal } from '../../platform/refusal.ts'

/** The same `idempotencyKey` came with another input before: one of the two calls is not what its caller believes. */
export class IdempotencyConflict extends Refusal {
  override name = 'IdempotencyConflict'

  constructor(readonly key: string) {
    super(
      `The idempotency key "${key}" was used with another input before. Use a new key for what is a new call.`,
    )
  }
}

/** The operation has ended, so there is nothing to cancel any more. */
export class OperationEnded extends Refusal {
  override name = 'OperationEnded'

  constructor(readonly state: string) {
    super(`This operation has ended already: it is ${state}.`)
  }
}
