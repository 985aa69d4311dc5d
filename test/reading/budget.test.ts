import { type DocumentNode, getOperationAST, parse } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { ATRIUM, type Form } from '../../bench/forms.ts'
import type { Given } from '../../bench/operations.ts'
import { compileCompletion } from '../../src/graphql/completion/completion.ts'
import { newToken } from '../../src/platform/secrets.ts'
import { schema } from '../../src/schema.ts'
import { useTestApp } from '../kit/app.ts'
import { createWorld, type Person, type Tenant } from '../kit/world.ts'
import { explain, type Plan, recordStatements, rowsTouched } from '../lists/plans.ts'

const sent = recordStatements()
const app = useTestApp()

let tenant: Tenant
let reader: Person
const WORKSPACES = 6
const MEMBERS = 4

beforeAll(async () => {
  tenant = await createWorld(app.current).tenant()
  reader = await tenant.member('MEMBER')
  for (let nth = 1; nth < WORKSPACES; nth++) {
    const { workspaceId } = await tenant.workspace({ name: `Workspace ${nth}` })
    await tenant.grant(reader, { kind: 'Workspace', id: workspaceId }, 'READ')
  }
  await tenant.grant(reader, { kind: 'Workspace', id: tenant.first.workspaceId }, 'WRITE')
  for (let nth = 0; nth < MEMBERS; nth++) await tenant.grantee(tenant.first.workspaceId, 'WRITE')
}, 120_000)

const formOf = (name: string): Form & { query: string } => {
  const form = ATRIUM[name]
  if (!form?.query) throw new Error(`There is no ${name}`)
  return { ...form, query: form.query }
}

/** The statements of an operation of the benchmark, when it has been asked before. */
async function statementsOf(name: string, token: string, given: Partial<Given> = {}) {
  const form = formOf(name)
  const about = {
    person: 0,
    organization: tenant.organizationId,
    workspace: tenant.first.workspaceId,
    user: reader.userId,
    text: '',
    ...given,
  }
  const variables = form.variables(about) as Record<string, unknown>
  const ask = () => app.current.run(form.query, variables, token)
  if (name.startsWith('Q')) await ask()
  sent.length = 0
  const { errors, data } = await ask()
  expect(errors, name).toBeUndefined()
  return { statements: [...sent], data }
}

const READS = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5']

describe('the operations of the benchmark', () => {
  test.each(READS)('%s is two statements: who asks and what they may, and the data', async (name) => {
    for (const token of [reader.token, tenant.owner.token]) {
      const { statements } = await statementsOf(name, token)
      expect(statements.map(({ text }) => text.slice(0, 80))).toHaveLength(2)
      expect(statements[0]?.text).toContain('organization_member m')
    }
  })

  test.each(READS)('%s is written without graphql-js', (name) => {
    const document: DocumentNode = parse(formOf(name).query)
    const operation = getOperationAST(document, name)
    expect(operation && compileCompletion(schema, document, operation)).not.toBeNull()
  })

  test('writes take no more statements than this', async () => {
    const create = await statementsOf('M1', tenant.owner.token, { text: `New ${newToken().slice(0, 8)}` })
    // The first of a kind is answered by Yoga, which does not know yet what the gates will ask.
    await statementsOf('M2', tenant.owner.token, { text: 'ADMIN' })
    const setRole = await statementsOf('M2', tenant.owner.token, { text: 'READ' })
    const invited = await createWorld(app.current).person()
    const token = await tenant.invite(invited, tenant.first.workspaceId, 'READ')
    const accept = await statementsOf('M3', invited.token, { text: token })
    const counts = {
      M1: create.statements.length,
      M2: setRole.statements.length,
      M3: accept.statements.length,
    }
    expect(counts).toEqual({ M1: 4, M2: 4, M3: 4 })
  })

  test('a read touches the rows of its answer, not those of its neighbours', async () => {
    const before = await touched('Q3')
    const other = await createWorld(app.current).tenant()
    for (let nth = 0; nth < 3; nth++) await other.grantee(other.first.workspaceId, 'READ')
    expect(await touched('Q3')).toBeLessThanOrEqual(before * 1.5)
  })
})

async function touched(name: string): Promise<number> {
  const { statements } = await statementsOf(name, reader.token)
  const plans: Plan[][] = []
  for (const statement of statements) plans.push(await explain(app.current.services.sql.pool, statement))
  return rowsTouched(plans.flat())
}
