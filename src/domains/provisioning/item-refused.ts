import { CodedError, Refusal } from '../../platform/refusal.ts'

/** Why one workspace of a run is refused, for programs. */
export const REFUSAL_REASONS = {
  KEY_TAKEN: 'Another workspace that the requester does not see has this key.',
  WORKSPACE_DELETED: 'The workspace of this key is deleted; restore it, or take another key.',
  FORBIDDEN: 'The requester may not change this of the workspace.',
  ROLE_UNKNOWN: 'There is no workspace role of this name.',
  ROLE_TOO_HIGH: "A role that is touched is above the requester's own.",
  SETTING_LOCKED: 'The organization has locked a setting that is given.',
  EMAIL_NOT_ALLOWED: 'The settings do not allow addresses of this domain.',
  INVITE_LIMIT: 'More invites than may be sent in an hour, or be open.',
  INVALID: 'The desired state can not be reached, such as one setting too many.',
} as const

export type RefusalReason = keyof typeof REFUSAL_REASONS

/** What is stored and shown of it. */
export interface ItemError {
  reason: RefusalReason
  message: string
}

/** Ends the planning of one item. */
export class ItemRefused extends Error {
  constructor(
    readonly reason: RefusalReason,
    message: string,
  ) {
    super(message)
  }
}

const REASONS: Record<string, RefusalReason> = {
  SettingLocked: 'SETTING_LOCKED',
  RoleTooHigh: 'ROLE_TOO_HIGH',
  ValidationError: 'INVALID',
}

/**
 * What an item is refused with, of what its planning threw.
 *
 * @throws whatever is no refusal
 */
export function itemErrorOf(error: unknown): ItemError {
  if (error instanceof ItemRefused) return { reason: error.reason, message: error.message }
  if (error instanceof CodedError && error.code === 'FORBIDDEN')
    return { reason: 'FORBIDDEN', message: error.message }
  const reason = error instanceof Refusal ? REASONS[error.name] : undefined
  if (!reason) throw error
  return { reason, message: (error as Refusal).message }
}
