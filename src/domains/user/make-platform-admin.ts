import { type Db, inTransaction } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'

/**
 * Makes somebody a platform administrator, for whoever runs the service (T3): the way to the first one.
 *
 * @returns what to tell them; null when nobody who is not suspended has this address
 */
export async function makePlatformAdmin(db: Db, email: string): Promise<string | null> {
  return inTransaction(db, async (tx) => {
    const user = await tx.user.findFirst({ where: { email, suspendedAt: null } })
    if (!user) return null
    if (user.platformRole === 'ADMIN') return `${user.email} is a platform administrator already.`
    await tx.user.update({ where: { id: user.id }, data: { platformRole: 'ADMIN' }, select: { id: true } })
    await appendEvents(tx, { viewer: null, requestId: null }, [
      {
        organizationId: null,
        type: 'user.updated',
        subject: { type: 'User', id: user.id },
        changes: { platformRole: { before: 'USER', after: 'ADMIN' } },
      },
    ])
    const hint = user.emailVerified ? '' : ' They can act as one when their address is verified.'
    return `${user.email} is a platform administrator now.${hint}`
  })
}
