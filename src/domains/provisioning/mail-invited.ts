import type { Operation } from '../../generated/prisma/client.ts'
import { inTransaction, type Tx } from '../../platform/db.ts'
import { appendEvents } from '../../platform/events.ts'
import { enqueueMails } from '../../platform/mailer.ts'
import { hashToken } from '../../platform/secrets.ts'
import type { Services } from '../../platform/services.ts'
import { inviteMailKey, inviteRoundMail } from '../invite/invite-mail.ts'
import { endOperation, UNDER_WAY } from '../operation/ended.ts'
import { claimOperation, enqueueStep, STEP_PATIENCE_MS } from '../operation/steps.ts'
import { inviteToken } from './write-invites.ts'

/** So many people one step writes to. */
const PEOPLE = 200

interface Invited {
  email: string
  invites: { id: string; scopeName: string; roleName: string; tokenHash: string; expiresAt: string }[]
}

/**
 * Queues the mails of the next people whom an operation has invited: one mail for each, with a link for every invite. Each
 * step is one transaction with the place up to which it came, so that nobody gets two. Behind the last one the operation has
 * succeeded; one that was cancelled or has failed stays so.
 */
export async function mailInvited(services: Services, operationId: string): Promise<void> {
  const { db, clock, secrets } = services
  const step = async (tx: Tx) => {
    await claimOperation(tx, operationId)
    const operation = await tx.operation.findUnique({
      where: { id: operationId },
      include: { organization: { select: { name: true } }, requestedBy: { select: { name: true } } },
    })
    if (!operation) return
    const people = await nextPeople(tx, operation)
    await enqueueMails(
      tx,
      secrets,
      people.flatMap(({ email, invites }) => {
        // An invite that somebody has sent again meanwhile has another token, and its own mail.
        const own = invites
          .map((invite) => ({ ...invite, token: inviteToken(services, operationId, invite.id) }))
          .filter(({ token, tokenHash }) => hashToken(token) === tokenHash)
        const [first, ...more] = own
        if (!first) return []
        const mail = inviteRoundMail(services, {
          email,
          organizationName: operation.organization.name,
          inviterName: operation.requestedBy?.name ?? operation.organization.name,
          expiresAt: new Date(first.expiresAt),
          invites: own,
        })
        return [{ mail, key: more.length === 0 ? inviteMailKey(first.id) : null }]
      }),
    )
    const last = people.at(-1)
    if (last) {
      await tx.operation.update({
        where: { id: operationId },
        data: { mailedThrough: last.email },
        select: { id: true },
      })
    }
    if (people.length === PEOPLE) return enqueueStep(tx, operationId)
    if (!UNDER_WAY.includes(operation.state)) return
    const event = await endOperation(tx, operation, 'SUCCEEDED', clock.now())
    const viewer = operation.requestedById ? { userId: operation.requestedById } : null
    if (event) await appendEvents(tx, { viewer, requestId: operation.requestId }, [event])
  }
  await inTransaction(db, step, { timeout: STEP_PATIENCE_MS })
}

/** The next people in the order of their addresses, each with the invites of the operation that are open still. */
function nextPeople(tx: Tx, { id, organizationId, mailedThrough }: Operation): Promise<Invited[]> {
  return tx.$queryRaw<Invited[]>`
    SELECT i.email::text COLLATE "C" AS email, jsonb_agg(jsonb_build_object('id', i.id, 'scopeName', w.name,
      'roleName', r.name, 'tokenHash', i.token_hash, 'expiresAt', i.expires_at) ORDER BY item.position) AS invites
    FROM operation_item item
    CROSS JOIN LATERAL jsonb_array_elements_text(item.made -> 'invites') AS made (id)
    JOIN invite i ON i.id = made.id::uuid AND i.organization_id = item.organization_id AND i.state = 'PENDING'
    JOIN workspace w ON w.id = i.workspace_id AND w.deleted_at IS NULL
    JOIN role r ON r.id = i.role_id
    WHERE item.organization_id = ${organizationId}::uuid AND item.operation_id = ${id}::uuid
      AND item.made ? 'invites' AND i.email::text COLLATE "C" > ${mailedThrough} COLLATE "C"
    GROUP BY 1 ORDER BY 1 LIMIT ${PEOPLE}`
}
