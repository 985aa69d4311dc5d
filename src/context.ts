import { type Access, createAccess } from './access/access.ts'
import type { Caller } from './access/caller.ts'
import type { Viewer } from './access/viewer.ts'
import type { Auth } from './domains/identity/auth.ts'

import { createViewerReader, readSession } from './domains/identity/session.ts'
import type { Db } from './platform/db.ts'

import type { Services } from './platform/services.ts'

/** What is known of a request before its body. */
export interface RequestHead {
  headers: Pick<Headers, 'get'>
}

/** One request: the process's services, who asks, and what they may. Use cases take the part named `Caller`. */
export interface Context extends Caller {
  request: RequestHead
  requestId: string
  auth: Auth
  access: Access
  /** Who asks with the credentials of this request, as of now: null when they were ended, or the person was suspended. */
  readViewer(): Promise<Viewer | null>
  /** Headers that the answer carries besides Yoga's own: cookies set by signIn and signOut. */
  responseHeaders: Headers
}

/** @param workspaceIds workspaces that the gates of the request will ask about */
export type ContextFactory = (
  request: RequestHead,
  requestId: string,
  clientAddress: string | null,
  workspaceIds?: readonly string[],
) => Promise<Context>

/**
 * @param openDb a client for the reads of one request; the services' own without it
 * @returns how a request becomes a Context: one statement tells who asks, where they belong, and where they stand
 */
export function createContextFactory(services: Services, auth: Auth, openDb?: () => Db): ContextFactory {
  const readAgain = createViewerReader(services, auth)
  return async (request, requestId, clientAddress, workspaceIds) => {
    const reading = await readSession(services, auth, request.headers, workspaceIds)
    const { viewer, setCookies, workspaces } = reading
    const responseHeaders = new Headers(setCookies.map((cookie): [string, string] => ['set-cookie', cookie]))
    const db = openDb?.() ?? services.db
    const access = createAccess(db, viewer, workspaces)
    const readViewer = () => readAgain(request.headers)
    // Name by name: a copy by `...` has another hidden class each time, and everything that reads it is slower for that.
    const { env, sql, clock, log, secrets, limits, notifications, ask, share } = services
    return {
      env,
      db,
      sql,
      clock,
      log,
      secrets,
      limits,
      notifications,
      ask,
      share,
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
