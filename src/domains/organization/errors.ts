import { Refusal } from '../../platform/refusal.ts'

/** Another organization has this slug; a deleted one keeps its slug until it is purged. */
export class SlugTaken extends Refusal {
  override name = 'SlugTaken'

  constructor(readonly slug: string) {
    super(`The slug "${slug}" is taken. Choose another one, or leave it out to get a free one.`)
  }
}
