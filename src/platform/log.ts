import type { DestinationStream, Logger as PinoLogger } from 'pino'
import { pino } from 'pino'

export type Logger = PinoLogger

const HIDDEN = '[redacted]'
const DEEPEST = 8
const SECRET_KEY = /password|token|secret|authorization|cookie|api[-_]?key|private[-_]?key|dsn/i
/** A secret that a library wrote into a text, as in `token: "abc"` or `?token=abc`. */
const SECRET_IN_TEXT =
  /((?:password|token|secret|authorization|cookie)\w*\\?["']?\s*[:=]\s*)(\\?"[^"]*"|'[^']*'|[^\s,;&"'}]+)/gi
const BEARER = /\b(Bearer\s+)[\w.~+/=-]{8,}/gi
const URL_PASSWORD = /(:\/\/[^\s:/@"']*:)[^\s@"']+@/g
/** The mailer logs its links on purpose when there is no SMTP server (api.md → Process). */
const SHOWN_KEY = /^link$/i
/** Names of things, never their values: `tokenId`, `secretName`. */
const HARMLESS_KEY = /(Id|Name|Kind|Count)$/

/**
 * The process's logger: one JSON line per entry, secrets blanked by the name of their key at any depth and, within
 * texts, by their shape.
 *
 * @param level the setting LOG_LEVEL
 * @param destination where lines go; standard error unless a test listens
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => redactRecord(entry, 0, new WeakSet()),
      },
      // What `formatters.log` made of an error is what is written.
      serializers: { err: (error: unknown) => error },
      hooks: {
        streamWrite: redactLine,
        logMethod(args, method) {
          method.apply(this, withOwnMessage(args))
        },
      },
    },
    // Synchronous, so that the last line before a crash is written.
    destination ?? pino.destination({ dest: 2, sync: true }),
  )
  // Children inherit this; pino's own formatter for bindings is not asked for theirs.
  const { child } = logger
  logger.child = function redactedChild(this: Logger, bindings, options) {
    return child.call(this, redactRecord(bindings, 0, new WeakSet()), options)
  } as typeof child
  return logger
}

/**
 * A logger for entries that are known to hold nothing secret: it does not look for any, which costs a tenth of a small
 * request. Credentials in URLs and bearer tokens are blanked all the same.
 */
export const withoutRedaction = (log: Logger): Logger =>
  log.child({}, { formatters: { log: (entry) => entry } })

/** An entry without a message takes that of its error, which may name a secret. */
function withOwnMessage<Args extends unknown[]>(args: Args): Args {
  const [first, message] = args as unknown as [unknown, unknown]
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err
  return message === undefined && error instanceof Error
    ? ([first, redactText(error.message)] as unknown as Args)
    : args
}

/** Blanks what can also stand in a message: credentials in a URL and bearer tokens. */
function redactLine(line: string): string {
  return line.replace(URL_PASSWORD, `$1${HIDDEN}@`).replace(BEARER, `$1${HIDDEN}`)
}

function redactText(text: string): string {
  return redactLine(text).replace(SECRET_IN_TEXT, `$1${HIDDEN}`)
}

function redactRecord(record: object, depth: number, seen: WeakSet<object>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, redactEntry(key, value, depth, seen)]),
  )
}

function redactEntry(key: string, value: unknown, depth: number, seen: WeakSet<object>): unknown {
  if (SHOWN_KEY.test(key)) return value
  const isSecret = SECRET_KEY.test(key) && !HARMLESS_KEY.test(key)
  if (isSecret && value !== null && value !== undefined && typeof value !== 'boolean') return HIDDEN
  return redactValue(value, depth, seen)
}

function redactValue(value: unknown, depth: number, seen: WeakSet<object>): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value
  if (seen.has(value) || depth >= DEEPEST) return '[…]'
  seen.add(value)
  if (value instanceof Error) return redactError(value, depth, seen)
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1, seen))
  if (value instanceof Headers) return redactRecord(Object.fromEntries(value), depth + 1, seen)
  if (value instanceof Map) return redactRecord(Object.fromEntries(value), depth + 1, seen)
  return redactRecord(value, depth + 1, seen)
}

/** Only these properties: an error of a GraphQL library also holds the whole document with its literals. */
function redactError(error: Error, depth: number, seen: WeakSet<object>): Record<string, unknown> {
  const { code, meta, cause, errors, originalError } = error as Error & Record<string, unknown>
  const more = { code, meta, cause, errors, originalError }
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined))
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...redactRecord(given, depth + 1, seen),
  }
}
