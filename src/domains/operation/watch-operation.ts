import { renewAccess } from '../../access/access.ts'
import type { Context } from '../../context.ts'
import { UNDER_WAY } from './ended.ts'
import { visibleOperations } from './policy.ts'

/**
 * Steps whenever an operation has moved on, beginning with one step for how it is now, and ends behind the step that shows its
 * end, or the one for which the viewer does not see it any more. Many moves between two steps are one.
 */
export function watchOperation(context: Context, id: string): AsyncIterableIterator<{ id: string }> {
  const { db, notifications } = context
  // Before anything is read, so that nothing that happens in between is missed.
  const wakeUps = notifications.wakeUps('operation', id)
  let seen: string | undefined
  let hasEnded = false
  const end = async () => {
    await wakeUps.return?.()
    return { done: true, value: undefined } as const
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      for (;;) {
        if (hasEnded) return end()
        if (seen !== undefined && (await wakeUps.next()).done) return end()
        await renewAccess(context, true)
        const row = await db.operation.findUnique({
          where: { id, AND: [visibleOperations(context.viewer)] },
          select: { state: true, done: true, failed: true, updatedAt: true },
        })
        // The event that finds it gone is the last one: it is answered NOT_FOUND.
        hasEnded = !row || !UNDER_WAY.includes(row.state)
        const now = JSON.stringify(row)
        if (now === seen) continue
        seen = now
        return { done: false, value: { id } }
      }
    },
    return: end,
  }
}
