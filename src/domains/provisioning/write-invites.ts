import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { hashToken } from '../../platform/secrets.ts'
import { countSent, DEFAULT_INVITE_DAYS, inviteRoom, lockOpenInvites } from '../invite/invite-limits.ts'
import type { Room } from './plan-members.ts'
import type { Run } from './run.ts'
import type { Placed } from './write-workspaces.ts'

/**
 * The token of an invite that an operation makes. It is derived rather than random, so that the mail, which tells of all
 * invites of a person at once, can be written when all batches are done, without the token being stored in between.
 */
export const inviteToken = (
  { secrets }: Pick<Run['caller'], 'secrets'>,
  operationId: string,
  inviteId: string,
): string => secrets.sign(`invite ${inviteId} of operation ${operationId}`)

/** What room for invites there is, for a plan. */
export async function roomFor(run: Run, locked: boolean): Promise<Room> {
  const { tx, caller, organization, viewer } = run
  if (locked) await lockOpenInvites(tx, organization.id)
  return inviteRoom(tx, caller, { organizationId: organization.id, inviterId: viewer.userId, locked })
}

/**
 * Opens and renews the invites of a batch with one statement each. Their mails are queued when the operation is through.
 *
 * @returns the events, and the ids of the invites by workspace
 */
export async function writeInvites(
  run: Run,
  operationId: string,
  placed: readonly Placed[],
): Promise<{ events: NewEvent[]; ids: Map<string, string[]> }> {
  const { tx, caller, organization, viewer, now } = run
  const expiresAt = new Date(now.getTime() + DEFAULT_INVITE_DAYS * 86_400_000)
  const invites = placed.flatMap(({ workspaceId, members }) =>
    members.invited.map(({ email, role, open }) => {
      const id = open?.id ?? newId()
      const tokenHash = hashToken(inviteToken(caller, operationId, id))
      return { id, workspaceId, email, role, open, tokenHash }
    }),
  )
  if (invites.length === 0) return { events: [], ids: new Map() }
  const opened = invites
    .filter(({ open }) => open === null)
    .map(({ id, workspaceId, email, role, tokenHash }) => ({
      id,
      workspace_id: workspaceId,
      email,
      role_id: role.id,
      token_hash: tokenHash,
    }))
  await tx.$executeRaw`
    INSERT INTO invite (id, organization_id, workspace_id, email, role_id, role_scope, token_hash, invited_by_id,
      created_at, updated_at, expires_at)
    SELECT v.id, ${organization.id}::uuid, v.workspace_id, v.email, v.role_id, 'WORKSPACE', v.token_hash,
      ${viewer.userId}::uuid, ${now}::timestamptz, ${now}::timestamptz, ${expiresAt}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(opened)}::jsonb) AS v (id uuid, workspace_id uuid, email citext, role_id uuid,
      token_hash text)`
  const renewed = invites
    .filter(({ open }) => open !== null)
    .map(({ id, role, tokenHash }) => ({ id, role_id: role.id, token_hash: tokenHash }))
  if (renewed.length > 0) {
    await tx.$executeRaw`
      UPDATE invite i SET role_id = v.role_id, token_hash = v.token_hash, invited_by_id = ${viewer.userId}::uuid,
        expires_at = ${expiresAt}::timestamptz, updated_at = ${now}::timestamptz
      FROM jsonb_to_recordset(${JSON.stringify(renewed)}::jsonb) AS v (id uuid, role_id uuid, token_hash text)
      WHERE i.id = v.id AND i.state = 'PENDING'`
  }
  await countSent(tx, caller, viewer.userId, invites.length)
  const ids = new Map<string, string[]>()
  for (const { id, workspaceId } of invites) ids.set(workspaceId, [...(ids.get(workspaceId) ?? []), id])
  const events = invites.map(
    ({ id, workspaceId, email, role, open }): NewEvent => ({
      organizationId: organization.id,
      workspaceId,
      type: open ? 'invite.resent' : 'invite.created',
      subject: { type: 'Invite', id },
      changes: { email: { after: email }, role: { after: role.key }, expiresAt: { after: expiresAt } },
    }),
  )
  return { events, ids }
}
