import { z } from 'zod'
import type { Standing } from '../../access/access.ts'
import { type Caller, signedIn } from '../../access/caller.ts'
import type { Permission } from '../../access/permissions.ts'
import { lockOrganization, lockWorkspace, permittedNow, standingNow } from '../../access/standing.ts'
import type { Viewer } from '../../access/viewer.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents, type NewEvent } from '../../platform/events.ts'
import { forbidden, notFound } from '../../platform/refusal.ts'
import { nameField, parseInput } from '../../platform/validation.ts'
import { startAtHead } from '../event-subscription/start-at-head.ts'
import { answerBefore, digestOf, idempotencyKeyField, rememberAnswer } from '../operation/idempotency.ts'
import { insertWorkspace } from '../workspace/create-workspace.ts'
import { workspaceKeyField } from '../workspace/workspace-key.ts'
import { copyMembers, type RolesOf, rolesInClone } from './clone-members.ts'
import {
  copyCapabilities,
  copyConfiguration,
  copyExtensions,
  copySubscriptions,
  type Source,
} from './clone-parts.ts'

const flag = z.boolean().nullish()

const input = z.object({
  name: nameField(),
  key: workspaceKeyField.nullish(),
  include: z
    .object({
      members: flag,
      roles: flag,
      extensions: flag,
      capabilities: flag,
      eventSubscriptions: flag,
    })
    .nullish()
    .transform((include) => include ?? {}),
  idempotencyKey: idempotencyKeyField.nullish(),
})

/** What `cloneWorkspace` takes. */
export type CloneInput = z.input<typeof input> & {
  workspaceId: string
  /** Where to; absent, where the source is. */
  organizationId?: string | null
  validateOnly?: boolean | null
}

/** What a clone has, or would have. */
export interface ClonePlan {
  organizationId: string
  name: string
  key: string
  /** Keys of the custom roles that were made for it. */
  roles: string[]
  members: number
  extensions: string[]
  capabilities: string[]
  eventSubscriptions: string[]
}

export interface CloneAnswer {
  /** Null when nothing was made. */
  workspaceId: string | null
  plan: ClonePlan
  /** The copies of event subscriptions; the secret is null when the call was made before. */
  subscriptions: { subscriptionId: string; secret: string | null }[]
}

type Parsed = z.output<typeof input>

/** Leaves the transaction with what it would have done. */
class OnlyValidated extends Error {
  constructor(readonly answer: CloneAnswer) {
    super('Only validated')
  }
}

/**
 * Makes a new workspace with the configuration of another one (O15), in its organization or in another one where the caller
 * may create. Description, labels, bounding box, coordinate system, settings without secrets and preferences are always
 * copied; members, the custom roles that they hold, extensions, capabilities and event subscriptions by `include`. The caller
 * becomes the owner. Nothing reaches above the caller: each part needs on the clone what making it by hand needs.
 *
 * @throws {ValidationError}
 * @throws {KeyTaken} when a given key is taken
 * @throws {RolesMissing} when members hold custom roles that the target does not know
 * @throws {RoleTooHigh} when a role to be given or made is above the caller's own
 * @throws {RoleKeyTaken} or {RoleNameTaken} when a role to be made would go by a name of another one
 * @throws {IdempotencyConflict}
 * @throws {CodedError} NOT_FOUND for a target that the caller does not see, FORBIDDEN for what they may not
 */
export async function cloneWorkspace(
  caller: Caller,
  { workspaceId, organizationId, validateOnly, ...given }: CloneInput,
): Promise<CloneAnswer> {
  const viewer = signedIn(caller)
  const wanted = parseInput(input, given)
  const { idempotencyKey, ...fields } = wanted
  const call = {
    mutation: 'cloneWorkspace',
    // What changes nothing has nothing to remember.
    key: validateOnly ? null : (idempotencyKey ?? null),
    digest: digestOf({ ...fields, workspaceId, organizationId: organizationId ?? null }),
  }
  try {
    return await inTransaction(caller.db, async (tx) => {
      const before = await answerBefore<CloneAnswer>(tx, caller, call)
      if (before) return before
      const { answer, events } = await clone(tx, caller, viewer, workspaceId, organizationId ?? null, wanted)
      if (validateOnly) throw new OnlyValidated({ ...answer, workspaceId: null, subscriptions: [] })
      const { subscriptions, ...kept } = answer
      await rememberAnswer(tx, caller, call, {
        ...kept,
        plan: { ...kept.plan },
        subscriptions: subscriptions.map(({ subscriptionId }) => ({ subscriptionId, secret: null })),
      })
      await appendEvents(tx, caller, events)
      await startAtHead(
        tx,
        kept.plan.organizationId,
        subscriptions.map(({ subscriptionId }) => subscriptionId),
      )
      return answer
    })
  } catch (error) {
    if (error instanceof OnlyValidated) return error.answer
    throw error
  }
}

async function clone(
  tx: Tx,
  caller: Caller,
  viewer: Viewer,
  sourceId: string,
  targetId: string | null,
  { name, key, include }: Parsed,
): Promise<{ answer: CloneAnswer & { workspaceId: string }; events: NewEvent[] }> {
  const { source, organizationId } = await lockBoth(tx, viewer, sourceId, targetId, include.roles ?? false)
  const sourceScope = { kind: 'Workspace', id: sourceId, organizationId: source.organizationId } as const
  const onSource = await permittedNow(tx, viewer, sourceScope, 'workspace:clone')
  const onTarget = await permittedNow(
    tx,
    viewer,
    { kind: 'Organization', id: organizationId, organizationId },
    'workspace:create',
  )
  refuseMissing(onSource, [
    'settings:read',
    ...(include.members ? (['member:read'] as const) : []),
    ...(include.members || include.roles ? (['role:read'] as const) : []),
    ...(include.eventSubscriptions ? (['events:write'] as const) : []),
  ])
  const ownerId = onTarget.memberId ? viewer.userId : null
  const target = await tx.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { id: true, slug: true },
  })
  const made = await insertWorkspace(tx, target, ownerId, { name, key }, viewer.userId)
  const { workspaceId } = made
  const scope = { kind: 'Workspace', id: workspaceId, organizationId } as const
  const onClone = await standingNow(tx, viewer, scope)
  const copy = { tx, caller, viewer, source, scope }
  const configured = await copyConfiguration(copy, made.events)
  const roles: RolesOf =
    include.members || include.roles
      ? await rolesInClone(copy, {
          onTarget,
          create: include.roles ?? false,
          needed: include.members ?? false,
        })
      : { byKey: new Map(), created: [], events: [] }
  const may = (part: boolean | null | undefined, permission: Permission) => {
    if (part) refuseMissing(onClone, [permission])
    return part ?? false
  }
  const members = may(include.members, 'member:write') ? await copyMembers(copy, onClone, roles) : null
  const extensions = may(include.extensions, 'extension:write') ? await copyExtensions(copy) : null
  const capabilities = may(include.capabilities, 'capability:write') ? await copyCapabilities(copy) : null
  const hooks = may(include.eventSubscriptions, 'events:write') ? await copySubscriptions(copy) : null
  const plan: ClonePlan = {
    organizationId,
    name,
    key: configured.key,
    roles: roles.created,
    members: members?.count ?? 0,
    extensions: extensions?.names ?? [],
    capabilities: capabilities?.names ?? [],
    eventSubscriptions: hooks?.names ?? [],
  }
  return {
    answer: { workspaceId, plan, subscriptions: hooks?.subscriptions ?? [] },
    events: [
      ...configured.events,
      ...roles.events,
      ...(members?.events ?? []),
      ...(extensions?.events ?? []),
      ...(capabilities?.events ?? []),
      ...(hooks?.events ?? []),
    ],
  }
}

/** Two clones between the same organizations in opposite directions lock them in the same order. */
async function lockBoth(
  tx: Tx,
  viewer: Viewer,
  sourceId: string,
  targetId: string | null,
  makesRoles: boolean,
): Promise<{ source: Source; organizationId: string }> {
  const found = await tx.workspace.findFirst({
    where: { id: sourceId, deletedAt: null },
    select: { organizationId: true },
  })
  if (!found) throw notFound()
  const organizationId = targetId ?? found.organizationId
  // An organization that the caller does not see is not even waited for.
  if (viewer.platformRole !== 'ADMIN' && !viewer.organizations.has(organizationId)) throw notFound()
  const isSame = organizationId === found.organizationId
  for (const id of [...new Set([found.organizationId, organizationId])].sort())
    await lockOrganization(tx, id, makesRoles && !isSame && id === organizationId ? 'UPDATE' : 'SHARE')
  await lockWorkspace(tx, sourceId, 'SHARE')
  const source = await tx.workspace.findUniqueOrThrow({
    where: { id: sourceId },
    include: { preferences: true },
  })
  return { source, organizationId }
}

function refuseMissing({ permissions }: Standing, needed: readonly Permission[]): void {
  const missing = needed.find((permission) => !permissions.has(permission))
  if (missing) throw forbidden(missing)
}
