import { expect, inject, test } from 'vitest'
import { openConnections, openDatabase } from '../../src/platform/db.ts'

test('connections are opened before they are needed, and kept', async () => {
  const { pool, close } = openDatabase({ url: inject('serverUrl'), poolSize: 5, keptOpen: 3 })
  await openConnections(pool)
  expect([pool.totalCount, pool.idleCount]).toEqual([3, 3])
  expect(pool.options.min).toBe(3)
  await close()
})

test('a database that takes no connections keeps nobody from starting', async () => {
  const { pool, close } = openDatabase({
    url: 'postgres://nobody@127.0.0.1:1/none',
    poolSize: 5,
    keptOpen: 3,
  })
  await openConnections(pool)
  expect(pool.totalCount).toBe(0)
  await close()
})

test('a pool of fewer connections keeps all of them, and opens them beside one that is in use', async () => {
  const { pool, close } = openDatabase({ url: inject('serverUrl'), poolSize: 2, keptOpen: 3 })
  const inUse = await pool.connect()
  await openConnections(pool)
  expect([pool.totalCount, pool.idleCount]).toEqual([2, 1])
  inUse.release()
  await close()
})
