import type { Context } from '../../context.ts'
import { forbidden } from '../../platform/refusal.ts'

/**
 * What an organization has set is for those who may change it. Those of a workspace are seen by everybody who sees the
 * workspace (`settings:read`), so they need no filter of their own.
 *
 * @throws {CodedError} FORBIDDEN
 */
export async function refuseHiddenSettings({ access }: Context, organizationId: string): Promise<void> {
  const standing = await access.onOrganization(organizationId)
  if (!standing?.permissions.has('organization:settings')) throw forbidden('organization:settings')
}
