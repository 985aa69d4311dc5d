import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { v7 as uuidv7 } from 'uuid'
import type { Tx } from './db.ts'
import { addJob, addJobs, type JobOptions, type JobTasks } from './jobs.ts'
import type { Logger } from './log.ts'
import type { Secrets } from './secrets.ts'

/** One mail to one address. */
export interface Mail {
  to: string
  subject: string
  text: string
  html: string
}

export interface Mailer {
  /**
   * Delivers a mail, or throws when that is not possible now.
   *
   * @param id a UUID that stays the same when the same mail is tried again, so that it can be recognised
   */
  send(mail: Mail, id?: string): Promise<void>
  close(): void
}

interface MailerOptions {
  /** Absent: each mail becomes a file in `mailDir`, and its link is logged. */
  smtpUrl?: string | undefined
  /** The sender, such as `Atrium <no-reply@example.com>`. */
  from: string
  mailDir: string
  log: Logger
}

/** Mail by SMTP, or as files for people who have no mail server at hand (api.md → Process). */
export function createMailer({ smtpUrl, ...options }: MailerOptions): Mailer {
  return smtpUrl ? smtpMailer(smtpUrl, options.from) : fileMailer(options)
}

function smtpMailer(url: string, from: string): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ to, ...mail }, id = uuidv7()) => {
      // As an object, an address can't be read as a list of several.
      await transport.sendMail({ ...mail, from, to: { name: '', address: to }, messageId: `<${id}@atrium>` })
    },
    close: () => transport.close(),
  }
}

function fileMailer({ from, mailDir, log }: Omit<MailerOptions, 'smtpUrl'>): Mailer {
  return {
    send: async (mail, id = uuidv7()) => {
      await mkdir(mailDir, { recursive: true, mode: 0o700 })
      const file = join(mailDir, `${id}.json`)
      const { to, subject, text, html } = mail
      await writeFile(`${file}.tmp`, JSON.stringify({ to, from, subject, text, html }, null, 2), {
        mode: 0o600,
      })
      await chmod(`${file}.tmp`, 0o600)
      await rename(`${file}.tmp`, file)
      log.info(
        { to, subject, file, link: linkIn(text) },
        'Mail written to a file, because SMTP_URL is not set',
      )
    },
    close: () => undefined,
  }
}

const linkIn = (text: string): string | undefined => /https?:\/\/\S+/.exec(text)?.[0]

/**
 * Has a mail sent after the transaction commits, by a background job with retries. It is sealed in the queue, because
 * its link may carry a token.
 *
 * @param options with a `key`, a mail of the same key that still waits is replaced: its link is void by now
 */
export async function enqueueMail(
  tx: Tx,
  secrets: Secrets,
  mail: Mail,
  options: Pick<JobOptions, 'key'> = {},
): Promise<void> {
  await addJob(tx, 'send-mail', sealedMail(secrets, mail), options)
}

/** {@link enqueueMail} for many mails, with one statement. */
export async function enqueueMails(
  tx: Tx,
  secrets: Secrets,
  mails: readonly { mail: Mail; key: string | null }[],
): Promise<void> {
  const jobs = mails.map(({ mail, key }) => ({ payload: sealedMail(secrets, mail), key }))
  await addJobs(tx, 'send-mail', jobs)
}

const sealedMail = (secrets: Secrets, mail: Mail) => ({
  sealed: secrets.seal(JSON.stringify({ id: uuidv7(), mail })),
})

/** The task that sends the mails of {@link enqueueMail}. */
export const mailTasks = ({
  mailer,
  secrets,
}: {
  mailer: Mailer
  secrets: Secrets
}): JobTasks<'send-mail'> => ({
  'send-mail': async ({ sealed }) => {
    const { id, mail } = JSON.parse(secrets.open(sealed)) as { id: string; mail: Mail }
    await mailer.send(mail, id)
  },
})

interface ActionMail {
  to: string
  subject: string
  /** Why they get this mail. */
  intro: string
  /** The one thing to do. */
  action: { label: string; url: string }
  /** What else there is to do, each a link of its own. */
  others?: readonly { label: string; url: string }[]
  /** What happens if they do nothing. */
  outro: string
}

const BUTTON =
  'display:inline-block;padding:12px 24px;border-radius:8px;background:#1f4fd8;color:#ffffff;font-weight:600;text-decoration:none'
const SMALL = 'margin:24px 0 0;font-size:14px;line-height:1.5;color:#5b6470'

/** A short mail with one button, as text and as HTML that loads nothing. Whatever is given is escaped. */
export function actionMail({ to, subject, intro, action, others = [], outro }: ActionMail): Mail {
  const url = escapeHtml(action.url)
  const links = others
    .map(
      (other) =>
        `<p style="${SMALL}"><a href="${escapeHtml(other.url)}">${escapeHtml(other.label)}</a></p>\n`,
    )
    .join('')
  return {
    to,
    subject,
    text: [
      intro,
      ...[action, ...others].map(({ label, url: link }) => `${label}:\n${link}`),
      outro,
      'Atrium',
    ].join('\n\n'),
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1b1f24;font-family:system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px">
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${escapeHtml(subject)}</h1>
<p style="margin:0 0 24px;font-size:16px;line-height:1.5">${escapeHtml(intro)}</p>
<p style="margin:0"><a href="${url}" style="${BUTTON}">${escapeHtml(action.label)}</a></p>
${links}<p style="${SMALL}">If the button does not work, open this address:<br><a href="${url}" style="color:#1f4fd8;word-break:break-all">${url}</a></p>
<p style="${SMALL}">${escapeHtml(outro)}</p>
</div>
</body>
</html>
`,
  }
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in HTML, also inside of a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
