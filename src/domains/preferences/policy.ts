import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/** Overrides of preferences are seen by nobody but whose they are. */
export const ownPreferences = (viewer: Viewer | null): Prisma.ViewerPreferencesWhereInput =>
  viewer ? { userId: viewer.userId } : { userId: { in: [] } }
