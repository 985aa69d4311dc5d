import type { JobTasks } from '../../platform/jobs.ts'
import type { Services } from '../../platform/services.ts'
import { purgeDueWorkspace } from '../workspace/purge-workspace.ts'
import { purgeDueOrganization } from './purge-organization.ts'

declare module '../../platform/jobs.ts' {
  interface JobPayloads {
    /** Removes for good what was deleted longer ago than the retention (O18). */
    'purge-due': object
  }
}

const PAGE = 100

/** The background tasks of organizations and workspaces. */
export function purgeTasks(services: Pick<Services, 'db' | 'clock' | 'log'>): JobTasks<'purge-due'> {
  return { 'purge-due': async () => void (await purgeDue(services)) }
}

/**
 * Removes for good every organization and workspace whose time has come (O18), each in transactions of its own. One that
 * fails does not keep the others.
 *
 * @returns how many are gone
 * @throws {Error} at the end, when any has failed: the job is tried again
 */
export async function purgeDue({
  db,
  clock,
  log,
}: Pick<Services, 'db' | 'clock' | 'log'>): Promise<{ organizations: number; workspaces: number }> {
  const now = clock.now()
  const origin = { db, viewer: null, requestId: null }
  const due = { deletedAt: { not: null }, purgeAt: { lte: now } }
  const failed: unknown[] = []
  const page = { orderBy: { id: 'asc' }, take: PAGE, select: { id: true } } as const
  const each = async (
    next: (after: string | null) => Promise<{ id: string }[]>,
    purge: (id: string) => Promise<boolean>,
  ) => {
    let done = 0
    for (let rows = await next(null); rows.length > 0; rows = await next(rows.at(-1)?.id ?? null)) {
      for (const { id } of rows) {
        try {
          if (await purge(id)) done++
        } catch (error) {
          log.error({ err: error, id }, 'Could not purge it')
          failed.push(error)
        }
      }
    }
    return done
  }
  const organizations = await each(
    (after) => db.organization.findMany({ where: { ...due, ...(after && { id: { gt: after } }) }, ...page }),
    (id) => purgeDueOrganization(origin, id, now),
  )
  const workspaces = await each(
    (after) => db.workspace.findMany({ where: { ...due, ...(after && { id: { gt: after } }) }, ...page }),
    (id) => purgeDueWorkspace(origin, id, now),
  )
  if (organizations + workspaces > 0) log.info({ organizations, workspaces }, 'Purged what was due')
  if (failed.length > 0) throw new AggregateError(failed, `${failed.length} could not be purged`)
  return { organizations, workspaces }
}
