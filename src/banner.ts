import { join } from 'node:path'
import type { Env } from './env.ts'

/** Somebody whom the demo seed made. */
export interface DemoAccount {
  email: string
  password: string
  /** What they may do, in a few words. */
  role: string
}

/** The few lines that a person sees when the service is ready. */
export function banner(env: Env, options: { embedded: boolean; demo: DemoAccount[] }): string {
  const { embedded, demo } = options
  const lines: [string, string][] = [
    ['Console', `${env.PUBLIC_URL}/console`],
    ['GraphiQL', `${env.PUBLIC_URL}/graphql`],
  ]
  for (const { email, password, role } of demo) lines.push(['Sign in', `${email} / ${password} (${role})`])
  lines.push(['Mail', env.SMTP_URL ? 'sent by SMTP' : `one JSON file each in ${join(env.DATA_DIR, 'mail')}`])
  lines.push(['Database', embedded ? `embedded PostgreSQL in ${env.DATA_DIR}` : 'as DATABASE_URL says'])
  const printed = lines.map(([name, value]) => `  ${name.padEnd(10)}${value}`)
  return ['Atrium is ready. Stop it with Ctrl-C.', ...printed, ''].join('\n')
}
