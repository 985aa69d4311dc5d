import { type Access, createAccess } from './access/access.ts'
import type { Caller } from './access/caller.ts'
import type { Viewer } from './access/viewer.ts'
import type { Auth } from './domains/identity/auth.ts'
import { createViewerReader, readSession } from './domains/identity/session.ts'
import type { Services } from './platform/services.ts'

/** One request: the process's services, who asks, and what they may. Use cases take the part named `Caller`. */
export interface Context extends Caller {
  request: Request
  requestId: string
  auth: Auth
  access: Access
  /** Who asks with the credentials of this request, as of now: null when they were ended, or the person was suspended. */
  readViewer(): Promise<Viewer | null>
  /** Headers that the answer carries besides Yoga's own: cookies set by signIn and signOut. */
  responseHeaders: Headers
}

/** @returns how a request becomes a Context: one statement tells who asks and where they belong */
export function createContextFactory(services: Services, auth: Auth) {
  const readAgain = createViewerReader(services, auth)
  return async (request: Request, requestId: string, clientAddress: string | null): Promise<Context> => {
    const { viewer, setCookies } = await readSession(services, auth, request.headers)
    const responseHeaders = new Headers(setCookies.map((cookie): [string, string] => ['set-cookie', cookie]))
    const access = createAccess(services.db, viewer)
    const readViewer = () => readAgain(request.headers)
    return {
      ...services,
      auth,
      request,
      requestId,
      clientAddress,
      viewer,
      readViewer,
      access,
      responseHeaders,
    }
  }
}
