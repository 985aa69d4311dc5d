import type { Permission } from '@atrium/client'
import { PERMISSIONS } from './words.ts'

interface Standing {
  viewerPermissions: readonly Permission[]
  viewerRole?: { name: string } | null
}

export const may = ({ viewerPermissions }: Standing, permission: Permission): boolean =>
  viewerPermissions.includes(permission)

/** A sentence that says why something is not offered. */
export function whyNot({ viewerRole }: Standing, permission: Permission): string {
  const role = viewerRole ? `Your role here, ${viewerRole.name}, does not include` : 'You have no role with'
  return `${role} “${PERMISSIONS[permission]}”. Ask somebody who manages the members.`
}
