/** Where the client finds the service, and as whom it asks. */
export interface ClientOptions {
  /** The address of the API; `/graphql` of the page's own origin when absent. */
  url?: string
  /**
   * Who asks: a session's or a personal access token, or a function that gives the current one. Absent, the cookie of
   * the browser's session is sent.
   */
  token?: string | null | (() => string | null | undefined)
  /** Instead of the global `fetch`: for tests and proxies. */
  fetch?: typeof globalThis.fetch
}

/** Tells the service that no form of a foreign site has sent this. */
const GUARD = { 'x-requested-with': '@atrium/client' }

/** The headers of a request; the token is asked for each time. */
export function headersOf({ token }: ClientOptions): Record<string, string> {
  const current = typeof token === 'function' ? token() : token
  return current ? { ...GUARD, authorization: `Bearer ${current}` } : { ...GUARD }
}

/** Cookies go along only when there is no token, so that nobody acts as somebody else by accident. */
export function credentialsOf({ token }: ClientOptions): RequestCredentials {
  return token === undefined ? 'include' : 'omit'
}

export const urlOf = ({ url }: ClientOptions): string => url ?? '/graphql'
