import { Refusal } from '../../platform/refusal.ts'

export type InviteProblem = 'UNKNOWN' | 'EXPIRED' | 'REVOKED' | 'DECLINED' | 'USED' | 'WITHDRAWN'

const SENTENCES: Record<InviteProblem, string> = {
  UNKNOWN:
    'This invite does not exist, or a newer mail has replaced it. Use the link of the latest mail, or ask for a new one.',
  EXPIRED: 'This invite has expired. Ask for a new one.',
  REVOKED: 'This invite was revoked. Ask for a new one if you think that this is a mistake.',
  DECLINED: 'This invite was declined. Ask for a new one if you have changed your mind.',
  USED: 'This invite was accepted already.',
  WITHDRAWN: 'Whoever invited you may not give this role any more. Ask an administrator for a new invite.',
}

/** The invite can't be accepted, whoever asks. */
export class InviteUnavailable extends Refusal {
  override name = 'InviteUnavailable'

  constructor(readonly reason: InviteProblem) {
    super(SENTENCES[reason])
  }
}

/** The invite is for another address than the one that is signed in (lesson 13). */
export class WrongAccount extends Refusal {
  override name = 'WrongAccount'

  /** @param email the address that was invited: who holds the token can read it in the mail anyway */
  constructor(readonly email: string) {
    super(`This invite is for ${email}. Sign in with that address to accept it.`)
  }
}

export type InviteLimit = 'PER_HOUR' | 'PENDING'

/** More invites than one person may send in an hour, or than one organization may have open. */
export class InviteLimitReached extends Refusal {
  override name = 'InviteLimitReached'

  constructor(
    readonly limit: InviteLimit,
    readonly most: number,
    /** When there is room again; null where somebody has to make it. */
    readonly retryAt: Date | null,
  ) {
    super(
      limit === 'PER_HOUR'
        ? `You may send ${most} invites in an hour. Try again at ${retryAt?.toISOString() ?? 'the next hour'}.`
        : `An organization may have ${most} open invites. Revoke some that nobody will accept.`,
    )
  }
}
