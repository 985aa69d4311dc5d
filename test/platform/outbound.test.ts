import type { lookup as dnsLookup } from 'node:dns'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isPublicAddress, type Outbound, openOutbound } from '../../src/platform/outbound.ts'
import { answering, openReceiver, type Receiver } from '../kit/receiver.ts'

let receiver: Receiver
const opened: Outbound[] = []

beforeEach(async () => {
  receiver = await openReceiver()
})

afterEach(async () => {
  for (const outbound of opened.splice(0)) outbound.close()
  await receiver.shut()
})

const open = (options: Partial<Parameters<typeof openOutbound>[0]> = {}) => {
  const outbound = openOutbound({ allowPrivate: false, timeoutMs: 500, ...options })
  opened.push(outbound)
  return outbound
}

const body = Buffer.from('{}')
const PRIVATE =
  'The address is not one of the public internet, and WEBHOOK_PRIVATE_NETWORKS does not allow others.'

describe('E4 an address', () => {
  test.each(['8.8.8.8', '93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )

  test.each([
    ...[
      '127.0.0.1',
      '127.8.8.8',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...['100.64.0.1', '100.127.255.255', '0.0.0.0', '0.1.2.3', '255.255.255.255', '224.0.0.1', '240.0.0.1'],
    ...['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.0.0.1', '192.88.99.1'],
    ...['::1', '::', 'fe80::1', 'febf::1', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1'],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
    ],
    ...['2001:0:7f00:1::', '64:ff9b:1::1', '100::1', 'rubbish', ''],
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false))
})

describe('E4 a request', () => {
  const away = (hostname: string) => receiver.url.replace('127.0.0.1', hostname)

  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    'localhost',
  ])('to %s does not reach this machine', async (hostname) => {
    expect(await open().post(away(hostname), {}, body)).toMatchObject({ status: null, error: PRIVATE })
    expect(receiver.received).toEqual([])
  })

  test('goes to the address that was checked: a name that changes between two look-ups gains nothing', async () => {
    const answers: string[][] = [['93.184.216.34', '127.0.0.1'], ['127.0.0.1'], ['fd00::1']]
    let looked = 0
    const lookup = ((_name: string, _options: object, callback: (error: null, found: object[]) => void) => {
      const found = answers[looked++ % answers.length] ?? []
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    }) as unknown as typeof dnsLookup
    const outbound = open({ lookup })
    for (const _ of answers)
      expect((await outbound.post(away('rebinding.example'), {}, body)).error).toBe(PRIVATE)
    expect(looked).toBe(answers.length)
    expect(receiver.received).toEqual([])
  })

  test('may go into private networks where the setting allows it', async () => {
    const outbound = open({ allowPrivate: true })
    expect(await outbound.post(receiver.url, { 'x-one': '1' }, body)).toMatchObject({
      status: 204,
      error: null,
    })
    expect(await outbound.post(away('localhost'), {}, body)).toMatchObject({ status: 204 })
    expect(receiver.received[0]).toMatchObject({ headers: { 'x-one': '1' }, body: '{}' })
  })

  test('follows no redirect', async () => {
    const other = await openReceiver()
    receiver.answer = answering(307, { location: other.url })
    expect(await open({ allowPrivate: true }).post(receiver.url, {}, body)).toMatchObject({ status: 307 })
    expect(other.received).toEqual([])
    await other.shut()
  })

  test('is given up when no answer comes, and reads no more of one than it must', async () => {
    receiver.answer = () => undefined
    const outbound = open({ allowPrivate: true })
    expect((await outbound.post(receiver.url, {}, body)).error).toMatch(/no answer within 0.5 seconds/)
    let sent = 0
    let closed = false
    receiver.answer = (_request, response) => {
      response.writeHead(200)
      response.on('close', () => {
        closed = true
      })
      const pour = () => {
        while (!closed && sent < 500_000_000) {
          sent += 100_000
          if (!response.write(Buffer.alloc(100_000))) return response.once('drain', pour)
        }
        return undefined
      }
      pour()
    }
    expect(await outbound.post(receiver.url, {}, body)).toMatchObject({ status: 200 })
    await expect.poll(() => closed).toBe(true)
    expect(sent).toBeLessThan(50_000_000)
  })

  test('that reaches nobody says why', async () => {
    await receiver.shut()
    const outbound = open({ allowPrivate: true })
    expect((await outbound.post(receiver.url, {}, body)).error).toBe('The connection was refused.')
    const lookup = ((_name: string, _options: object, callback: (error: Error) => void) =>
      callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))) as unknown as typeof dnsLookup
    expect((await open({ lookup }).post('http://nowhere.example', {}, body)).error).toBe(
      'The name could not be resolved.',
    )
    await receiver.reopen()
  })
})
