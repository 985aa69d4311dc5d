import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { askOnce } from './load.ts'
import { formOf, type Operation, type ServerName } from './operations.ts'
import type { Options } from './options.ts'
import { requestsOf, reset } from './prepare.ts'
import { openProxy } from './proxy.ts'
import { startServer } from './servers.ts'

/** Requests of each operation that are compared. */
const COMPARED = 16

export interface Verified {
  /** Statements of one request, by server and operation. */
  statements: Record<string, Record<string, number>>
  coldStart: Record<string, number>
}

/**
 * Asks every server the same, through a proxy that counts statements.
 *
 * @throws {Error} when one answers something else than the first, or refuses
 */
export async function verify(url: string, operations: Operation[], options: Options): Promise<Verified> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const expected = new Map<string, unknown[]>()
  const found: Verified = { statements: {}, coldStart: {} }
  try {
    for (const name of options.servers as ServerName[]) {
      const proxy = await openProxy(url)
      const server = await startServer(name, proxy.url)
      found.coldStart[name] = server.coldStart
      found.statements[name] = {}
      try {
        for (const operation of operations) {
          await reset(client, operation, options)
          const { answers, statements } = await ask(server.port, name, operation, options, proxy.count)
          found.statements[name][operation.name] = statements
          compare(expected, name, operation.name, answers)
        }
      } finally {
        await server.stop()
        await proxy.close()
      }
    }
  } finally {
    await client.end()
  }
  return found
}

async function ask(
  port: number,
  name: ServerName,
  operation: Operation,
  options: Options,
  count: () => number,
) {
  const { normal } = formOf(name, operation.name)
  const requests = requestsOf(name, port, operation, options).slice(0, COMPARED)
  const answers: unknown[] = []
  const statements: number[] = []
  for (const request of requests) {
    const before = count()
    const { status, body } = await askOnce(port, request)
    statements.push(count() - before)
    const { data, errors } = JSON.parse(body.toString()) as { data: unknown; errors?: unknown }
    if (status !== 200 || errors)
      throw new Error(`${name} refuses ${operation.name}: ${status} ${body.toString().slice(0, 2000)}`)
    answers.push(normal(data))
  }
  // The median: connections that are opened and jobs that look for work send statements too.
  return { answers, statements: statements.sort((a, b) => a - b)[COMPARED / 2] ?? 0 }
}

function compare(
  expected: Map<string, unknown[]>,
  server: string,
  operation: string,
  answers: unknown[],
): void {
  const first = expected.get(operation)
  if (!first) {
    expected.set(operation, answers)
    return
  }
  for (const [nth, answer] of answers.entries()) {
    if (isDeepStrictEqual(answer, first[nth])) continue
    const [one, other] = [first[nth], answer].map((each) => JSON.stringify(each, null, 1).slice(0, 1500))
    throw new Error(
      `${server} answers request ${nth} of ${operation} differently:\n${one}\n-- but --\n${other}`,
    )
  }
}
