import type { Services } from '../../platform/services.ts'

const DAY = 24 * 60 * 60 * 1000

/** The two instants of a deletion that happens now: when it happened, and when the row goes for good (W15, O18). */
export function purgeTime({ clock, env }: Pick<Services, 'clock' | 'env'>): {
  deletedAt: Date
  purgeAt: Date
} {
  const deletedAt = clock.now()
  return { deletedAt, purgeAt: new Date(deletedAt.getTime() + env.WORKSPACE_RETENTION_DAYS * DAY) }
}
