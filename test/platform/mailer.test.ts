import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../src/platform/log.ts'
import { actionMail, createMailer } from '../../src/platform/mailer.ts'

let mailDir: string
let logs: string[]

beforeEach(async () => {
  mailDir = join(await mkdtemp(join(tmpdir(), 'atrium-mailer-')), 'mail')
  logs = []
})

afterEach(() => rm(join(mailDir, '..'), { recursive: true, force: true }))

const from = 'Atrium <no-reply@atrium.test>'
const log = createLogger('info', { write: (line) => void logs.push(line) })
const mail = actionMail({
  to: 'ada@example.com',
  subject: 'Confirm <b>"it"</b>',
  intro: 'Hello <script>alert(1)</script> & all',
  action: { label: 'Go', url: 'http://atrium.test/verify-email?token=abc&x="y"' },
  outro: "If it wasn't you, ignore it.",
})

describe('without SMTP', () => {
  test('each mail is a file that only its owner reads, and its link is logged', async () => {
    const mailer = createMailer({ from, mailDir, log })
    await mailer.send(mail)
    await mailer.send({ ...mail, subject: 'Second' })
    const names = (await readdir(mailDir)).sort()
    expect(names).toHaveLength(2)
    const files = await Promise.all(names.map((name) => readFile(join(mailDir, name), 'utf8')))
    expect(files.map((text) => JSON.parse(text).subject)).toEqual(['Confirm <b>"it"</b>', 'Second'])
    expect(Object.keys(JSON.parse(files[0] ?? ''))).toEqual(['to', 'from', 'subject', 'text', 'html'])
    expect((await stat(join(mailDir, names[0] ?? ''))).mode & 0o777).toBe(0o600)
    expect(logs.map((line) => JSON.parse(line).link)).toEqual(
      Array(2).fill('http://atrium.test/verify-email?token=abc&x="y"'),
    )
  })

  test('the same mail tried twice is one file', async () => {
    const mailer = createMailer({ from, mailDir, log })
    await mailer.send(mail, '01890000-0000-7000-8000-000000000000')
    await mailer.send(mail, '01890000-0000-7000-8000-000000000000')
    expect(await readdir(mailDir)).toEqual(['01890000-0000-7000-8000-000000000000.json'])
  })
})

test('a mail escapes what is put in and loads nothing', () => {
  expect(mail.html).not.toMatch(/<script|<b>|<img|<link/)
  expect(mail.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; all')
  expect(mail.html).toContain('href="http://atrium.test/verify-email?token=abc&amp;x=&quot;y&quot;"')
  expect(mail.text).toContain('\nhttp://atrium.test/verify-email?token=abc&x="y"\n')
})

/** The commands of SMTP that a client sends, answered as a server that takes everything. */
async function smtpServer() {
  const lines: string[] = []
  const server = createServer((socket) => {
    let isData = false
    socket.write('220 test ESMTP\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (const line of chunk
        .toString()
        .split('\r\n')
        .filter((text, index, all) => text || index < all.length - 1)) {
        lines.push(line)
        if (isData) {
          if (line === '.') {
            isData = false
            socket.write('250 taken\r\n')
          }
        } else if (line === 'DATA') {
          isData = true
          socket.write('354 go on\r\n')
        } else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { lines, url: `smtp://127.0.0.1:${port}`, close: () => server.close() }
}

describe('with SMTP', () => {
  test('delivers to one address, whatever the address looks like', async () => {
    const server = await smtpServer()
    const mailer = createMailer({ smtpUrl: server.url, from, mailDir, log })
    await mailer.send({ ...mail, to: 'ada@example.com' }, '01890000-0000-7000-8000-000000000000')
    expect(server.lines.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<ada@example.com>'])
    expect(server.lines).toContain('Message-ID: <01890000-0000-7000-8000-000000000000@atrium>')
    expect(server.lines).toContain('From: Atrium <no-reply@atrium.test>')
    mailer.close()
    server.close()
  })

  test('throws while the server is down, so that the job is tried again', async () => {
    const server = await smtpServer()
    server.close()
    const mailer = createMailer({ smtpUrl: server.url, from, mailDir, log })
    await expect(mailer.send(mail)).rejects.toThrow()
  })
})
