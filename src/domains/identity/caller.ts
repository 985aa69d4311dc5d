import type { Caller } from '../../access/caller.ts'
import type { Auth } from './auth.ts'

/** Who runs a use case of identity, with the process's Better Auth. */
export interface IdentityCaller extends Caller {
  auth: Auth
  /** Absent for the seed and for background jobs. */
  request?: { headers: Pick<Headers, 'get'> }
}
