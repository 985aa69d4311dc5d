import type { Caller } from '../../access/caller.ts'
import { lockOrganization } from '../../access/standing.ts'
import type { Operation } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { CodedError } from '../../platform/refusal.ts'
import type { Services } from '../../platform/services.ts'
import { endOperation, type OperationProblem, UNDER_WAY } from '../operation/ended.ts'
import { claimOperation, enqueueStep, STEP_PATIENCE_MS } from '../operation/steps.ts'
import { type Applied, applyBatch, BATCH } from './apply-batch.ts'
import { mailInvited } from './mail-invited.ts'
import { ITEMS_REFUSED } from './provision-workspaces.ts'
import { requesterOf } from './requester.ts'
import { openRun, type Run } from './run.ts'
import { StateMoved } from './write-workspaces.ts'

/** Somebody else has done this step, or ended the operation: what was done here is rolled back. */
class Overtaken extends Error {}

/** The requester may not go on. */
class Withdrawn extends Error {}

/** Of an atomic operation an item is refused, so that all of it is rolled back. */
class AllRefused extends Error {
  constructor(readonly refused: RefusedItem[]) {
    super('Items are refused')
  }
}

interface RefusedItem {
  id: string
  error: unknown
}

/** An atomic operation is one transaction, whatever its size. */
const ATOMIC_PATIENCE_MS = 15 * 60_000
const MOST_MOVES = 5

/**
 * Does the next step of an operation: the next batch, the whole of an atomic one, or the mails at the end. Each step is one
 * transaction that also moves the operation on and queues the step behind it, so that whenever the process is killed the step
 * has happened once or not at all, and somebody goes on from there.
 */
export async function runOperation(services: Services, operationId: string): Promise<void> {
  const operation = await services.db.operation.findUnique({ where: { id: operationId } })
  if (!operation || operation.validateOnly) return
  const isUnderWay = UNDER_WAY.includes(operation.state)
  if (!isUnderWay || operation.nextPosition >= operation.total) return mailInvited(services, operationId)
  if (operation.state === 'PENDING') {
    await services.db.operation.updateMany({
      where: { id: operationId, state: 'PENDING' },
      data: { state: 'RUNNING', startedAt: services.clock.now() },
    })
  }
  const step = operation.mode === 'ATOMIC' ? runAll : runBatch
  try {
    await unmoved(() => step(services, operation))
  } catch (error) {
    if (error instanceof Overtaken) return
    if (error instanceof AllRefused) return refuseAll(services, operation, error.refused)
    if (error instanceof Withdrawn) return failOperation(services, operation, WITHDRAWN)
    throw error
  }
}

const WITHDRAWN: OperationProblem = {
  reason: 'REQUESTER_WITHDRAWN',
  message: 'Whoever asked for this may not create workspaces here any more. What was done before stays.',
}

/** Plans and writes anew when somebody else was faster with a key. */
async function unmoved(step: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (!(error instanceof StateMoved) || attempt >= MOST_MOVES) throw error
    }
  }
}

/** One batch of an operation that does what it can. */
function runBatch(services: Services, before: Operation): Promise<void> {
  return claimed(services, before, STEP_PATIENCE_MS, async (run, operation) => {
    const applied = await applyBatch(
      run,
      operation.id,
      await itemsFrom(run.tx, operation, operation.nextPosition),
    )
    await moveOn(run.tx, operation, applied)
    await enqueueStep(run.tx, operation.id)
    await append(run, applied.events)
  })
}

/** All batches of an operation that does everything or nothing. */
function runAll(services: Services, before: Operation): Promise<void> {
  return claimed(services, before, ATOMIC_PATIENCE_MS, async (run, operation) => {
    const all: Applied = { done: 0, refused: 0, events: [] }
    for (let position = 0; position < operation.total; position += BATCH) {
      const items = await itemsFrom(run.tx, operation, position)
      const applied = await applyBatch(run, operation.id, items)
      if (applied.refused > 0) throw new AllRefused(await refusedAmong(run.tx, items))
      all.done += applied.done
      all.events.push(...applied.events)
      await showProgress(services, operation.id, all.done)
    }
    await moveOn(run.tx, operation, all)
    await enqueueStep(run.tx, operation.id)
    await append(run, all.events)
  })
}

/** Runs a step in its transaction, alone, in the name of the requester. */
function claimed(
  services: Services,
  { id, nextPosition }: Operation,
  timeout: number,
  work: (run: Run, operation: Operation) => Promise<void>,
): Promise<void> {
  const step = async (tx: Tx) => {
    await claimOperation(tx, id)
    const operation = await tx.operation.findUnique({ where: { id } })
    if (!operation || !UNDER_WAY.includes(operation.state)) throw new Overtaken()
    if (operation.nextPosition !== nextPosition) throw new Overtaken()
    await work(await runOf(tx, services, operation), operation)
  }
  return inTransaction(services.db, step, { timeout })
}

/** @throws {Withdrawn} when the requester, the organization or the template is gone, or may not be used any more */
async function runOf(tx: Tx, services: Services, operation: Operation): Promise<Run> {
  const { organizationId, requestId, input } = operation
  const viewer = await requesterOf(tx, operation, services.clock.now())
  if (!viewer) throw new Withdrawn()
  const caller: Caller = { ...services, viewer, requestId }
  const { templateId } = input as { templateId: string | null }
  try {
    await lockOrganization(tx, organizationId, 'SHARE')
    return await openRun(tx, caller, viewer, organizationId, templateId)
  } catch (error) {
    if (error instanceof CodedError) throw new Withdrawn()
    throw error
  }
}

const itemsFrom = (tx: Tx, { id, organizationId }: Operation, position: number) =>
  tx.operationItem.findMany({
    where: { organizationId, operationId: id, position: { gte: position, lt: position + BATCH } },
    orderBy: { position: 'asc' },
    select: { id: true, position: true, planned: true, changes: true, desired: true },
  })

/** @throws {Overtaken} when the operation is not where it was: it was cancelled, or another process was faster */
async function moveOn(tx: Tx, operation: Operation, { done, refused }: Applied): Promise<void> {
  const isAtomic = operation.mode === 'ATOMIC'
  const { count } = await tx.operation.updateMany({
    where: { id: operation.id, state: 'RUNNING', nextPosition: operation.nextPosition },
    data: {
      nextPosition: operation.nextPosition + done + refused,
      done: isAtomic ? done : { increment: done },
      failed: isAtomic ? refused : { increment: refused },
    },
  })
  if (count === 0) throw new Overtaken()
}

/** What an atomic operation shows before its transaction commits, from a connection of its own. */
async function showProgress({ db }: Services, id: string, done: number): Promise<void> {
  const { count } = await db.operation.updateMany({ where: { id, state: 'RUNNING' }, data: { done } })
  if (count === 0) throw new Overtaken()
}

const refusedAmong = (tx: Tx, items: { id: string }[]): Promise<RefusedItem[]> =>
  tx.operationItem.findMany({
    where: { id: { in: items.map(({ id }) => id) }, action: 'REFUSED' },
    select: { id: true, error: true },
  })

const append = ({ tx, caller }: Run, events: NewEvent[]) => appendEvents(tx, caller, events)

/** After everything was rolled back: which items were to blame. */
async function refuseAll(services: Services, operation: Operation, refused: RefusedItem[]): Promise<void> {
  await failOperation(services, operation, ITEMS_REFUSED, async (tx) => {
    await tx.$executeRaw`
      UPDATE operation_item i SET action = 'REFUSED', changes = '{}', error = v.error, moved = true
      FROM jsonb_to_recordset(${JSON.stringify(refused)}::jsonb) AS v (id uuid, error jsonb)
      WHERE i.id = v.id`
    return refused.length
  })
}

/**
 * Ends an operation that can't go on. What its batches have done stays, and whoever was invited by them gets their mail.
 *
 * @param before writes what belongs to the failure, and tells how many items were refused by it
 */
export async function failOperation(
  { db, clock }: Services,
  { id, organizationId, mode, requestedById, requestId }: Operation,
  problem: OperationProblem,
  before: (tx: Tx) => Promise<number> = async () => 0,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const refused = await before(tx)
    const more = mode === 'ATOMIC' ? { done: 0, failed: refused } : {}
    const event = await endOperation(tx, { id, organizationId }, 'FAILED', clock.now(), {
      ...more,
      error: { ...problem },
    })
    if (!event) return
    await enqueueStep(tx, id)
    const viewer = requestedById ? { userId: requestedById } : null
    await appendEvents(tx, { viewer, requestId }, [event])
  })
}
