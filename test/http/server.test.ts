import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { AddressUnusable, openServer } from '../../src/http/server.ts'
import { createLogger } from '../../src/platform/log.ts'
import { createShutdown } from '../../src/platform/shutdown.ts'
import { createStub } from './stub.ts'

describe('the server', () => {
  test('has a real port for 0, and says that it is starting until the app is there', async () => {
    const server = await openServer('127.0.0.1', 0)
    try {
      const url = `http://127.0.0.1:${server.port}/health/ready`
      const starting = await fetch(url)
      expect([starting.status, await starting.json()]).toEqual([
        503,
        { status: 'unavailable', reason: 'starting' },
      ])
      server.serve(createStub().app.listener)
      expect((await fetch(url)).status).toBe(200)
    } finally {
      await server.close()
    }
  })

  test('refuses an address that is taken, in a sentence', async () => {
    const server = await openServer('127.0.0.1', 0)
    try {
      const second = openServer('127.0.0.1', server.port)
      await expect(second).rejects.toThrow(AddressUnusable)
      await expect(second).rejects.toThrow(`The address 127.0.0.1:${server.port} is in use`)
    } finally {
      await server.close()
    }
  })
})

describe('the shutdown', () => {
  const setUp = () => {
    const source = new EventEmitter()
    const done: string[] = []
    const shutdown = createShutdown({
      log: createLogger('silent'),
      patienceMs: 1_000,
      source,
      exit: (code) => done.push(`exit ${code}`),
    })
    return { source, done, shutdown }
  }

  test('closes in the reverse order, goes on after a failure, and exits with 0', async () => {
    const { source, done, shutdown } = setUp()
    shutdown.add('first', () => void done.push('first'))
    shutdown.add('broken', () => Promise.reject(new Error('no')))
    shutdown.add('last', () => void done.push('last'))
    source.emit('SIGTERM')
    await expect.poll(() => done).toEqual(['last', 'first', 'exit 0'])
  })

  test('waits for a start that is under way', async () => {
    const { source, done, shutdown } = setUp()
    const starting = shutdown.guard(async () => {
      await sleep(100)
      shutdown.add('opened late', () => void done.push('closed'))
    })
    source.emit('SIGINT')
    await starting
    await expect.poll(() => done).toEqual(['closed', 'exit 0'])
  })

  test('takes the same signal twice at once as one, as npm sends it, and a later one as an order', async () => {
    const { source, done, shutdown } = setUp()
    shutdown.add('slow', () => sleep(2_000, undefined, { ref: false }))
    source.emit('SIGTERM')
    source.emit('SIGTERM')
    await sleep(50)
    expect(done).toEqual([])
    await sleep(400)
    source.emit('SIGINT')
    expect(done).toEqual(['exit 130'])
  })

  test('ends with 1 after an error that nobody caught', async () => {
    const { source, done } = setUp()
    source.emit('uncaughtException', new Error('bug'))
    await expect.poll(() => done).toEqual(['exit 1'])
  })
})
