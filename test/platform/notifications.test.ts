import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { createLogger } from '../../src/platform/log.ts'
import { EVERY_TOPIC, type Notifications, openNotifications } from '../../src/platform/notifications.ts'
import { databaseUrl, withClient } from '../kit/cluster.ts'
import { type DatabaseProxy, proxyTo } from '../kit/proxy.ts'

const name = `notifications_${randomBytes(5).toString('hex')}`
const url = databaseUrl(inject('serverUrl'), name)
const opened: Notifications[] = []
let proxy: DatabaseProxy

beforeAll(async () => {
  await withClient(inject('serverUrl'), (client) => client.query(`CREATE DATABASE ${name}`))
  proxy = await proxyTo(url)
})

afterEach(async () => {
  await proxy.mend()
  await Promise.all(opened.splice(0).map((notifications) => notifications.close()))
})

afterAll(async () => {
  await proxy.cut()
  await withClient(inject('serverUrl'), (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
})

const open = (address = url) => {
  const notifications = openNotifications({ url: address, log: createLogger('silent'), pauseMs: 20 })
  opened.push(notifications)
  return notifications
}

const send = (channel: string, topic: string) =>
  withClient(url, (client) => client.query('SELECT pg_notify($1, $2)', [channel, topic]))

const listeners = () =>
  withClient(url, async (client) => {
    const { rows } = await client.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'atrium notifications'",
    )
    return rows.length
  })

test('E3 a wake-up reaches those who wait for its topic, over one connection', async () => {
  const notifications = open()
  const woken: string[] = []
  for (const topic of ['one', 'two']) notifications.on('log', topic, () => woken.push(topic))
  const off = notifications.on('log', 'one', () => woken.push('gone'))
  notifications.on('other', 'one', () => woken.push('other'))
  await expect.poll(() => woken.length).toBe(4)
  off()
  woken.length = 0
  await send('log', 'one')
  await expect.poll(() => woken).toEqual(['one'])
  await send('other', 'one')
  await expect.poll(() => woken).toEqual(['one', 'other'])
  expect(await listeners()).toBe(1)
  const topics: (string | undefined)[] = []
  notifications.on('log', EVERY_TOPIC, (topic) => topics.push(topic))
  await send('log', 'three')
  await expect.poll(() => topics).toEqual(['three'])
})

test('E3 everybody is woken when the connection is back, for nobody knows what was missed', async () => {
  const notifications = open(proxy.url)
  let woken = 0
  notifications.on('log', 'one', () => woken++)
  await expect.poll(() => woken).toBe(1)
  await proxy.cut()
  await send('log', 'one')
  expect(woken).toBe(1)
  await proxy.mend()
  await expect.poll(() => woken, { timeout: 5_000 }).toBeGreaterThan(1)
  const before = woken
  await send('log', 'one')
  await expect.poll(() => woken).toBe(before + 1)
})

test('E3 a connection that the server ends is opened again', async () => {
  const notifications = open()
  let woken = 0
  notifications.on('log', 'one', () => woken++)
  await expect.poll(() => woken).toBe(1)
  await withClient(url, (client) =>
    client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'atrium notifications' AND datname = current_database()",
    ),
  )
  await expect.poll(() => woken, { timeout: 5_000 }).toBe(2)
  expect(await listeners()).toBe(1)
})

test('E3 an iterator gives a slow reader one step for many wake-ups, and ends', async () => {
  const notifications = open()
  const steps = notifications.wakeUps('log', 'one')
  await steps.next()
  for (const _ of [1, 2, 3]) await send('log', 'one')
  let other = 0
  notifications.on('log', 'two', () => other++)
  await send('log', 'two')
  await expect.poll(() => other).toBeGreaterThan(0)
  await steps.next()
  const waiting = steps.next()
  await steps.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })
  const last = notifications.wakeUps('log', 'one').next()
  await notifications.close()
  expect(await last).toEqual({ done: true, value: undefined })
})
