import { type Caller, signedIn } from '../../access/caller.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { OperationAction } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { endOperation } from '../operation/ended.ts'
import { answerBefore, digestOf, rememberAnswer } from '../operation/idempotency.ts'
import { enqueueStep } from '../operation/steps.ts'
import { BATCH, itemRows, planBatch } from './apply-batch.ts'
import { type Desired, type DesiredInput, parseDesired } from './desired.ts'
import type { Planned } from './plan-item.ts'
import type { Room } from './plan-members.ts'
import { refuseMoved } from './plan-moved.ts'
import { openRun, type Run } from './run.ts'

/** What `provisionWorkspaces` takes. */
export type ProvisionInput = DesiredInput & {
  organizationId: string
  templateWorkspaceId?: string | null
  /** The operation of an earlier `validateOnly`: the run must be what that plan said. */
  planId?: string | null
  validateOnly?: boolean | null
}

/** A plan of 10,000 takes a few seconds to make and to write down. */
const PATIENCE_MS = 120_000

/**
 * Brings 1 to 10,000 workspaces to the state that the input names (O16). The plan is made now and answered with the operation;
 * jobs carry it out afterwards, in batches, in the name of the caller and within their rights at that moment.
 *
 * @throws {ValidationError}
 * @throws {IdempotencyConflict}
 * @throws {PlanMoved} when things are no longer as in the plan that `planId` names
 * @throws {CodedError} NOT_FOUND for an organization, a template or a plan that the caller does not see, FORBIDDEN without
 *   `workspace:create`
 */
export async function provisionWorkspaces(
  caller: Caller,
  { organizationId, templateWorkspaceId, planId, validateOnly, ...given }: ProvisionInput,
): Promise<{ operationId: string }> {
  const viewer = signedIn(caller)
  const { workspaces, mode, idempotencyKey } = parseDesired(given)
  const templateId = templateWorkspaceId ?? null
  const asked: Asked = {
    viewer,
    organizationId,
    mode,
    templateId,
    workspaces,
    validateOnly: validateOnly ?? false,
    digest: digestOf({ organizationId, templateId, mode, workspaces }),
  }
  const call = {
    mutation: 'provisionWorkspaces',
    key: validateOnly ? null : (idempotencyKey ?? null),
    digest: digestOf([asked.digest, planId ?? null]),
  }
  const work = async (tx: Tx) => {
    const before = await answerBefore<{ operationId: string }>(tx, caller, call)
    if (before) return before
    // Without a lock: each batch looks again, and a plan of thousands would keep people from being added meanwhile.
    const run = await openRun(tx, caller, viewer, organizationId, templateId)
    const plans = await planAll(run, workspaces)
    if (planId) await refuseMoved(run, planId, asked.digest, plans)
    const operationId = await writePlan(run, asked, plans)
    await rememberAnswer(tx, caller, call, { operationId })
    return { operationId }
  }
  return inTransaction(caller.db, work, { timeout: PATIENCE_MS })
}

interface Asked {
  viewer: Viewer
  organizationId: string
  mode: 'ATOMIC' | 'BEST_EFFORT'
  templateId: string | null
  workspaces: Desired[]
  validateOnly: boolean
  digest: string
}

async function planAll(run: Run, workspaces: Desired[]): Promise<Planned[]> {
  const all: Planned[] = []
  let room: Room | undefined
  for (let start = 0; start < workspaces.length; start += BATCH) {
    const batch = await planBatch(run, workspaces.slice(start, start + BATCH), false, room)
    all.push(...batch.plans)
    room = batch.room
  }
  return all
}

/** Writes an operation and its items down, and queues its first step. */
async function writePlan(run: Run, asked: Asked, plans: readonly Planned[]): Promise<string> {
  const { tx, caller, now } = run
  const { viewer, organizationId, mode, templateId, workspaces, validateOnly, digest } = asked
  const id = newId()
  const count = (action: OperationAction) => plans.filter((plan) => plan.action === action).length
  const refused = count('REFUSED')
  await tx.operation.create({
    data: {
      id,
      organizationId,
      kind: 'PROVISION',
      mode,
      validateOnly,
      requestedById: viewer.userId,
      delegated: viewer.accessToken !== null,
      accessTokenId: viewer.accessToken?.id ?? null,
      requestId: caller.requestId,
      input: { templateId },
      digest,
      planned: { create: count('CREATE'), update: count('UPDATE'), unchanged: count('UNCHANGED'), refused },
      total: workspaces.length,
      // A plan is through when it is made, with each of its items.
      ...(validateOnly
        ? { state: 'SUCCEEDED', done: plans.length - refused, failed: refused, finishedAt: now }
        : {}),
      createdAt: now,
    },
    select: { id: true },
  })
  await insertItems(tx, organizationId, id, workspaces, plans)
  if (validateOnly) return id
  const requested = {
    organizationId,
    type: 'operation.requested',
    subject: { type: 'Operation', id },
    changes: { kind: { after: 'PROVISION' }, mode: { after: mode }, total: { after: workspaces.length } },
  } as const
  if (mode === 'ATOMIC' && refused > 0) {
    const error = { ...ITEMS_REFUSED }
    const ended = await endOperation(tx, { id, organizationId }, 'FAILED', now, { failed: refused, error })
    await appendEvents(tx, caller, [requested, ...(ended ? [ended] : [])])
    return id
  }
  await enqueueStep(tx, id)
  await appendEvents(tx, caller, [requested])
  return id
}

/** What an atomic operation says when one of its items is refused. */
export const ITEMS_REFUSED = {
  reason: 'ITEMS_REFUSED',
  message: 'Some of the workspaces are refused, so none was touched: `items` says which, and why.',
} as const

async function insertItems(
  tx: Tx,
  organizationId: string,
  operationId: string,
  workspaces: Desired[],
  plans: readonly Planned[],
): Promise<void> {
  const rows = itemRows(organizationId, operationId, workspaces, plans)
  for (let start = 0; start < rows.length; start += 2_000) {
    const some = rows.slice(start, start + 2_000).map((row) => ({ ...row, id: newId() }))
    await tx.$executeRaw`
      INSERT INTO operation_item (id, organization_id, operation_id, position, key, desired, planned, action, changes, error,
                                  made)
      SELECT v.id, v.organization_id, v.operation_id, v.position, v.key, v.desired, v.action, v.action, v.changes, v.error,
             v.made
      FROM jsonb_to_recordset(${JSON.stringify(some)}::jsonb) AS v (id uuid, organization_id uuid, operation_id uuid,
        position integer, key text, desired jsonb, action operation_action, changes jsonb, error jsonb, made jsonb)`
  }
}
