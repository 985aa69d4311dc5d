import type { OperationItem, Prisma } from '../../generated/prisma/client.ts'
import { canonicalJson } from '../../platform/event-chain.ts'
import type { NewEvent } from '../../platform/events.ts'
import type { Desired } from './desired.ts'
import { loadState } from './load-state.ts'
import { type Planned, planItem } from './plan-item.ts'
import type { Room } from './plan-members.ts'
import type { Run } from './run.ts'
import { roomFor, writeInvites } from './write-invites.ts'
import { writeMembers } from './write-members.ts'
import { insertWorkspaces, updateWorkspaces, workspaceEvents, writePreferences } from './write-workspaces.ts'

/** So many workspaces one batch plans and writes: with a few statements, in less than a second. */
export const BATCH = 500

type Item = Pick<OperationItem, 'id' | 'position' | 'planned' | 'changes' | 'desired'>

/** What became of a batch. */
export interface Applied {
  done: number
  refused: number
  events: NewEvent[]
}

const ENDLESS: Room = {
  open: Number.MAX_SAFE_INTEGER,
  sent: Number.MAX_SAFE_INTEGER,
  full: { open: '', sent: '' },
}

/**
 * Plans a batch of items as things are now.
 *
 * @param lock keeps what the plan depends on as it is until the transaction ends
 * @param room for invites, where it is known already; else it is looked up when an item needs some
 */
export async function planBatch(
  run: Run,
  wanted: readonly Desired[],
  lock: boolean,
  room?: Room,
): Promise<{ plans: Planned[]; room: Room | undefined }> {
  const state = await loadState(run, wanted, lock)
  const planAll = (left: Room) => wanted.map((one) => planItem(run, state, one, left))
  if (room) return { plans: planAll(room), room }
  const plans = planAll({ ...ENDLESS })
  if (!plans.some(({ writing }) => writing?.members.invited.length)) return { plans, room: undefined }
  const left = await roomFor(run, lock)
  return { plans: planAll(left), room: left }
}

/**
 * Brings the workspaces of a batch to their desired state, and writes down what became of each item. The organization is
 * locked, and the caller appends the events last.
 *
 * @throws {StateMoved} when somebody else was faster: the transaction starts again
 */
export async function applyBatch(run: Run, operationId: string, items: readonly Item[]): Promise<Applied> {
  const { plans } = await planBatch(
    run,
    items.map(({ desired }) => desired as unknown as Desired),
    true,
  )
  const placed = await insertWorkspaces(
    run,
    plans.flatMap(({ writing }) => (writing ? [writing] : [])),
  )
  await updateWorkspaces(run, placed)
  await writePreferences(run, placed)
  const granted = await writeMembers(run, placed)
  const invited = await writeInvites(run, operationId, placed)
  const ids = new Map(placed.map(({ key, workspaceId }) => [key, workspaceId]))
  await writeDown(run, items, plans, (key) => {
    const workspaceId = ids.get(key)
    const invites = workspaceId ? invited.ids.get(workspaceId) : undefined
    return { ...(workspaceId ? { workspaceId } : {}), ...(invites ? { invites } : {}) }
  })
  const refused = plans.filter(({ action }) => action === 'REFUSED').length
  return {
    done: plans.length - refused,
    refused,
    events: [...workspaceEvents(run, placed), ...granted, ...invited.events],
  }
}

/** What became of each item, with one statement. One that was carried out otherwise than planned says so. */
async function writeDown(
  { tx, now }: Run,
  items: readonly Item[],
  plans: readonly Planned[],
  madeOf: (key: string) => object,
): Promise<void> {
  const rows = items.map((item, nth) => {
    const { action, changes, error, workspaceId } = plans[nth] as Planned
    const { key } = item.desired as { key: string }
    const moved = action !== item.planned || canonicalJson(changes) !== canonicalJson(item.changes)
    return {
      id: item.id,
      action,
      changes,
      error,
      moved,
      made: { ...(workspaceId ? { workspaceId } : {}), ...madeOf(key) },
    }
  })
  await tx.$executeRaw`
    UPDATE operation_item i SET action = v.action, changes = v.changes, error = v.error, moved = v.moved,
      made = coalesce(i.made, '{}') || v.made, done_at = ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS v (id uuid, action operation_action, changes jsonb,
      error jsonb, moved boolean, made jsonb)
    WHERE i.id = v.id`
}

/** The items of a plan as rows of the database, not yet carried out. */
export const itemRows = (
  organizationId: string,
  operationId: string,
  wanted: readonly Desired[],
  plans: readonly Planned[],
): Prisma.InputJsonObject[] =>
  wanted.map((desired, position) => {
    const { action, changes, error, workspaceId } = plans[position] as Planned
    const made = workspaceId ? { workspaceId } : null
    return {
      organization_id: organizationId,
      operation_id: operationId,
      position,
      key: desired.key,
      desired,
      action,
      changes,
      error,
      made,
    } as unknown as Prisma.InputJsonObject
  })
