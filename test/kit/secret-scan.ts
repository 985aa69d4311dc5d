import type { TestApp } from './app.ts'

/** Secrets by what they are, as reports name them: a leak must not print what leaked. */
export type KnownSecrets = ReadonlyMap<string, string>

/**
 * Looks for secrets in every line of the log and in every column of every row, of our tables and the job queue's.
 *
 * @returns where each was found; empty when everything is as it should be
 */
export async function findLeaks(
  app: Pick<TestApp, 'services' | 'logs'>,
  secrets: KnownSecrets,
): Promise<string[]> {
  if (secrets.size === 0) return []
  const inLogs = leaksIn('the log', app.logs.map(withoutMailLinks), secrets)
  const inRows = (await everyTable(app)).flatMap(([table, rows]) => leaksIn(`table ${table}`, rows, secrets))
  return [...new Set([...inLogs, ...inRows])]
}

/** The secrets that stand in any of these texts, in clear or in an encoding that anybody undoes. */
export function leaksIn(where: string, texts: readonly string[], secrets: KnownSecrets): string[] {
  const all = texts.join('\n')
  return [...secrets]
    .filter(([, secret]) => spellings(secret).some((spelling) => all.includes(spelling)))
    .map(([name]) => `${name} in ${where}`)
}

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}

/** Without an SMTP server the log is where people find the link of a mail (api.md): that one place is meant. */
const withoutMailLinks = (line: string) => line.replace(/"link":"[^"]*"/, '')

async function everyTable({ services: { db } }: Pick<TestApp, 'services'>): Promise<[string, string[]][]> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`
  const rows = tables.map(async ({ name }): Promise<[string, string[]]> => {
    const found = await db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`)
    return [name, found.map(({ row }) => row)]
  })
  return Promise.all(rows)
}

const SECRET_FIELD = /^(token|secret)$/i

/** Notes the tokens and secrets that an answer hands out. */
export function noteSecrets(answer: unknown, secrets: Map<string, string>): void {
  if (typeof answer !== 'object' || answer === null) return
  for (const [key, value] of Object.entries(answer)) {
    if (SECRET_FIELD.test(key) && typeof value === 'string' && value.length >= 20)
      secrets.set(`${key} ${secrets.size}`, value)
    else noteSecrets(value, secrets)
  }
}
