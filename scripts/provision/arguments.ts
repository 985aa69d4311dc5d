import { parseArgs } from 'node:util'

/** What the command was called with, and can't be used. */
export class UsageError extends Error {}

export interface Arguments {
  file: string
  apply: boolean
  url: string
  token: string
  json: boolean
}

export const USAGE = `Usage: npm run provision -- <file.yaml|json> --plan | --apply [options]

  --plan         shows what would be done, and changes nothing
  --apply        shows it, then does exactly that
  --url <url>    the server, such as http://127.0.0.1:4000 (or ATRIUM_URL)
  --token <token>  a session or access token (or ATRIUM_TOKEN, which other people on this machine do not see)
  --json         one JSON document on standard output; everything else goes to standard error

Exit codes: 0 as it should be, or applied; 1 could not be run; 2 --plan found something to do;
            3 some workspaces were refused, or the run did not succeed`

/**
 * Reads the command line.
 *
 * @throws {UsageError}
 */
export function readArguments(given: string[], env: Record<string, string | undefined>): Arguments {
  const { values, positionals } = parsed(given)
  const [file, ...more] = positionals
  if (!file || more.length > 0) throw new UsageError('Name one file.')
  if (Boolean(values.plan) === Boolean(values.apply)) throw new UsageError('Say --plan or --apply.')
  const token = values.token ?? env.ATRIUM_TOKEN
  if (!token) throw new UsageError('Say who asks: --token, or ATRIUM_TOKEN.')
  const url = values.url ?? env.ATRIUM_URL ?? 'http://127.0.0.1:4000'
  if (!URL.canParse(url)) throw new UsageError(`"${url}" is no URL.`)
  return {
    file,
    apply: values.apply ?? false,
    url: url.replace(/\/+$/, '').replace(/\/graphql$/, ''),
    token,
    json: values.json ?? false,
  }
}

function parsed(given: string[]) {
  try {
    return parseArgs({
      args: given,
      allowPositionals: true,
      options: {
        plan: { type: 'boolean' },
        apply: { type: 'boolean' },
        url: { type: 'string' },
        token: { type: 'string' },
        json: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
