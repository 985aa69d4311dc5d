import { Refusal } from '../../platform/refusal.ts'

/** The organization has locked these values, so a workspace can't have its own (S3). */
export class SettingLocked extends Refusal {
  override name = 'SettingLocked'

  /** @param paths every value of the input that is locked */
  constructor(readonly paths: string[]) {
    super(
      `The organization has locked ${paths.join(', ')}: change it there, or ask an administrator to unlock it.`,
    )
  }
}
