import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestApp } from './app.ts'

export interface SentMail {
  to: string
  from: string
  subject: string
  text: string
  html: string
}

/** Every mail that has left for this address, oldest first. */
export async function mailsTo({ mailDir }: Pick<TestApp, 'mailDir'>, email: string): Promise<SentMail[]> {
  const names = await readdir(mailDir).catch(() => [])
  const mails = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map(async (name) => JSON.parse(await readFile(join(mailDir, name), 'utf8')) as SentMail),
  )
  return mails.filter(({ to }) => to.toLowerCase() === email.toLowerCase())
}

/** Waits until so many mails have left for this address: they leave after the commit, by a background job. */
export async function waitForMail(
  app: Pick<TestApp, 'mailDir'>,
  email: string,
  count = 1,
): Promise<SentMail> {
  for (let waited = 0; waited < 25_000; waited += 25) {
    const mails = await mailsTo(app, email)
    if (mails.length >= count) return mails[count - 1] as SentMail
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`No mail number ${count} for ${email}`)
}

/** The token of the link in a mail. */
export function tokenIn({ text }: SentMail): string {
  const [, token] = /[?&]token=([^\s&]+)/.exec(text) ?? []
  if (!token) throw new Error(`No token in: ${text}`)
  return decodeURIComponent(token)
}
