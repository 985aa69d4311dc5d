import { Refusal } from '../../platform/refusal.ts'

/** The workspace has a capability of this name (T9). */
export class CapabilityTaken extends Refusal {
  override name = 'CapabilityTaken'

  constructor(readonly capability: string) {
    super(`The capability "${capability}" is registered in this workspace already. Remove it first.`)
  }
}
