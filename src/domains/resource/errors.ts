import { Refusal } from '../../platform/refusal.ts'

/** The workspace holds a resource of this kind and name already. */
export class ResourceNameTaken extends Refusal {
  override name = 'ResourceNameTaken'

  constructor(readonly resourceName: string) {
    super(`There is a resource of this kind with the name "${resourceName}" in this workspace already.`)
  }
}
