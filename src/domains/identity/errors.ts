import { Refusal } from '../../platform/refusal.ts'

/** Sign-up with an address that has an account. */
export class EmailTaken extends Refusal {
  override name = 'EmailTaken'

  constructor() {
    super('There is an account with this e-mail address already. Sign in, or reset its password.')
  }
}

/** An address and a password that do not belong together; an unknown address gets the same answer. */
export class InvalidCredentials extends Refusal {
  override name = 'InvalidCredentials'

  constructor(message = 'This e-mail address and password do not belong together.') {
    super(message)
  }
}

/** A token of a mail that is wrong, used or too old. */
export class InvalidToken extends Refusal {
  override name = 'InvalidToken'

  constructor() {
    super('This link is no longer valid. It may be too old or used already. Ask for a new one.')
  }
}
