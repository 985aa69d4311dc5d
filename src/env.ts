import { resolve } from 'node:path'
import { z } from 'zod'

/** A setting that can't be used. Its message is one sentence that names the setting and what it takes. */
export class InvalidSetting extends Error {
  override name = 'InvalidSetting'
}

const flag = z.enum(['0', '1', 'false', 'true']).transform((value) => value === '1' || value === 'true')
const whole = (min: number, max: number) =>
  z.coerce.number(`It takes a whole number from ${min} to ${max}`).int().min(min).max(max)
const positive = (max: number) => whole(1, max)

const settings = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: whole(0, 65_535).default(4000),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Connections in the pool of one process. */
  DATABASE_POOL: positive(500).default(20),
  DATA_DIR: z.string().min(1).default('.data'),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUTH_SECRET: z.string().min(32).optional(),
  /** The keys of an external issuer; with AUTH_ISSUER and AUTH_AUDIENCE its JWTs sign people in (T5). */
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUTH_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  AUTH_AUDIENCE: z.string().min(1).optional(),
  /** Whether the issuer's people get an account at first sight. */
  AUTH_CREATE_USERS: flag.default(false),
  /** Whose verified address makes a platform administrator (T3). */
  ADMIN_EMAIL: z
    .string()
    .transform((value) => value.normalize('NFC').trim().toLowerCase())
    .refine((value) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value), 'It takes one e-mail address')
    .optional(),
  /** 0 leaves attempts uncounted. */
  RATE_LIMITS: flag.default(true),
  /** Proxies in front of the service that append to X-Forwarded-For. */
  TRUST_PROXY: whole(0, 10).default(0),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().min(3).default('Atrium <no-reply@atrium.localhost>'),
  DEMO: flag.optional(),
  /** 0 answers every request the plain way: through Yoga, graphql-js and the Prisma client. */
  FAST_PATHS: flag.default(true),
  WORKSPACE_RETENTION_DAYS: whole(0, 3650).default(30),
  /** Days that an organization's log is kept; 0 keeps it for ever. */
  AUDIT_RETENTION_DAYS: whole(0, 36_500).default(0),
  /** Days that the attempts of webhooks are kept. */
  ATTEMPT_RETENTION_DAYS: whole(1, 3650).default(30),
  /** Seconds that a receiver of webhooks may take to answer. */
  WEBHOOK_TIMEOUT_SECONDS: positive(60).default(15),
  /** Days of failures in a row after which an event subscription is switched off. */
  WEBHOOK_GIVE_UP_DAYS: positive(30).default(5),
  /** Whether webhooks may go into private networks, this machine included: for development and tests. */
  WEBHOOK_PRIVATE_NETWORKS: flag.default(false),
  /** Whether this process runs jobs and sends webhooks; otherwise `npm run worker` does. */
  JOBS: flag.default(true),
  /** Invite mails that one person may cause in an hour. */
  INVITES_PER_HOUR: positive(1_000_000).default(500),
  /** Invites of one organization, its workspaces included, that are open at the same time. */
  INVITES_PENDING: positive(1_000_000).default(5_000),
  SESSION_DAYS: positive(365).default(30),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Bytes of a request body: 10,000 workspaces with their members take a few megabytes (O16). */
  MAX_BODY_BYTES: positive(100_000_000).default(10_000_000),
  /** Seconds that open requests get after SIGTERM. */
  SHUTDOWN_SECONDS: positive(300).default(10),
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
})

/** The settings of api.md → Process after parsing; `DATA_DIR` is absolute, `PUBLIC_URL` has no trailing slash. */
export type Env = Omit<z.infer<typeof settings>, 'PUBLIC_URL'> & { PUBLIC_URL: string }

/**
 * Parses the process's settings once.
 *
 * @param source usually `process.env`; an empty string counts as absent
 * @throws {InvalidSetting} names the first setting that is wrong
 */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = settings.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const name = String(issue?.path[0])
    const hint = name === 'AUTH_SECRET' ? ' It takes at least 32 characters.' : ''
    throw new InvalidSetting(`The setting ${name} can't be used: ${issue?.message}.${hint}`)
  }
  const env = parsed.data
  if (env.DATABASE_URL && !env.AUTH_SECRET) {
    throw new InvalidSetting(
      'The setting AUTH_SECRET is required with DATABASE_URL: it signs sessions and cursors for every process on that database (at least 32 random characters).',
    )
  }
  refuseHalfAnIssuer(env)
  const host = env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST
  return {
    ...env,
    DATA_DIR: resolve(env.DATA_DIR),
    PUBLIC_URL: (env.PUBLIC_URL ?? `http://${host}:${env.PORT}`).replace(/\/+$/, ''),
  }
}

/** @throws {InvalidSetting} when only some of the settings of an external issuer are there */
function refuseHalfAnIssuer(env: z.infer<typeof settings>): void {
  const names = ['AUTH_JWKS_URL', 'AUTH_ISSUER', 'AUTH_AUDIENCE'] as const
  const missing = names.filter((name) => env[name] === undefined)
  if (missing.length === 0 || missing.length === names.length) return
  throw new InvalidSetting(
    `The setting ${missing[0]} is missing: an external issuer takes AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE together.`,
  )
}
