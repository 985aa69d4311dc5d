import { effectiveScopes } from '../../access/permissions.ts'
import { actingBy, loadViewer, type Viewer } from '../../access/viewer.ts'
import type { Operation } from '../../generated/prisma/client.ts'
import type { Tx } from '../../platform/db.ts'

/**
 * Whoever has asked for an operation, as they are now: with the access token that they used, and no more than it allows.
 *
 * @returns null when they, or their token, may not act any more
 */
export async function requesterOf(
  tx: Tx,
  {
    requestedById,
    delegated,
    accessTokenId,
  }: Pick<Operation, 'requestedById' | 'delegated' | 'accessTokenId'>,
  now: Date,
): Promise<Viewer | null> {
  const viewer = requestedById ? await loadViewer(tx, requestedById) : null
  if (!viewer?.emailVerified) return null
  if (!delegated) return viewer
  const token = accessTokenId && (await tx.accessToken.findUnique({ where: { id: accessTokenId } }))
  if (!token || (token.expiresAt && token.expiresAt <= now)) return null
  return actingBy(viewer, { id: token.id, scopes: token.isLimited ? effectiveScopes(token.scopes) : null })
}
