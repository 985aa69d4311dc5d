import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  to: string[]
  messageId: string
  /** Headers and bodies, decoded. */
  text: string
}

export interface MailServer {
  port: number
  received: ReceivedMail[]
  /** Called with each address: an error refuses it, as a server that is busy does. */
  refuse: ((address: string) => Error | null) | null
  stop(): Promise<void>
}

/** A mail server on loopback, which keeps what it takes. */
export async function startMailServer(port = 0): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => done(mailServer.refuse?.(address) ?? null),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8')
        received.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          messageId: /^message-id:\s*(\S+)/im.exec(raw)?.[1] ?? '',
          text: raw
            .replace(/=\r\n/g, '')
            .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        })
        done()
      })
    },
  })
  // A client that goes away is none of the test's business.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const mailServer: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    received,
    refuse: null,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
  return mailServer
}
