import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { visibleWorkspaces } from '../workspace/policy.ts'

/** What is installed in the workspaces that the viewer may look up (`workspace:read`), while they are in use. */
export function visibleExtensions(viewer: Viewer | null): Prisma.ExtensionInstallationWhereInput {
  return { workspace: { deletedAt: null, AND: [visibleWorkspaces(viewer)] } }
}
