import { expect, inject, test } from 'vitest'
import { openConnections, openDatabase } from '../../src/platform/db.ts'

test('connections are opened before they are needed, and kept', async () => {
  const { pool, close } = openDatabase({ url: inject('serverUrl'), poolSize: 3 })
  await openConnections(pool)
  expect([pool.totalCount, pool.idleCount]).toEqual([3, 3])
  await close()
})

test('a database that takes no connections keeps nobody from starting', async () => {
  const { pool, close } = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 3 })
  await openConnections(pool)
  expect(pool.totalCount).toBe(0)
  await close()
})
