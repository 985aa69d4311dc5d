import { Refusal } from '../../platform/refusal.ts'

/** The workspace has an installation of this extension (T8). */
export class AlreadyInstalled extends Refusal {
  override name = 'AlreadyInstalled'

  constructor(readonly key: string) {
    super(`The extension "${key}" is installed in this workspace already. Update it instead.`)
  }
}
