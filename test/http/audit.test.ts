import { serverAudits } from 'graphql-http'
import { describe, expect, test } from 'vitest'
import { createStub, listening } from './stub.ts'

describe('the GraphQL-over-HTTP audit of graphql-http', () => {
  const audits = serverAudits({ url: 'unused' })

  test('has audits', () => {
    expect(audits.length).toBeGreaterThan(50)
  })

  test('is passed on a socket, MUST, SHOULD and MAY', async () => {
    const { app } = createStub()
    const missed = await listening(app, async (url) => {
      const results = await Promise.all(serverAudits({ url: `${url}/graphql` }).map((audit) => audit.fn()))
      return results.filter(({ status }) => status !== 'ok')
    })
    const serious = missed.filter(({ name }) => /MUST|SHOULD/.test(name))
    expect(serious.map(({ id, name }) => `${id} ${name}`)).toEqual([])
    expect(missed.map(({ id, name }) => `${id} ${name}`)).toEqual([])
  })

  test('is passed in-process', async () => {
    const { app } = createStub()
    const fetchFn = (url: string, init: RequestInit) => app.fetch(url, init)
    const results = await Promise.all(
      serverAudits({ url: 'https://atrium.test/graphql', fetchFn }).map((audit) => audit.fn()),
    )
    expect(results.filter(({ status }) => status === 'error').map(({ name }) => name)).toEqual([])
  })
})
