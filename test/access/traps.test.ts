import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { type GraphQLSchema, isObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { guardSchema } from '../../src/access/guard.ts'
import { isPublic, workspace } from '../../src/access/rules.ts'
import { builder } from '../../src/graphql/builder.ts'
import { encodeId, idOf } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { forbidden, notFound } from '../../src/platform/refusal.ts'
import '../../src/schema.ts'
import { gate, guarded, run, shield, shielded, small } from '../kit/small-schema.ts'

// Each trap of access.md twice: what plain graphql-shield does on a small schema, and what our guard does there.

const require = createRequire(import.meta.url)

/** Lets through to one object only. */
const onlyMine = gate('onlyMine', ({ id }) => {
  if (id !== 'mine') throw notFound()
})

describe('the contextual cache (lesson 19)', () => {
  const sdl = 'type Query { workspace(id: ID!): String }'
  const resolvers = {
    Query: { workspace: (_root: unknown, { id }: Record<string, unknown>) => `secret of ${id}` },
  }
  const both = '{ a: workspace(id: "mine") b: workspace(id: "other") }'
  const reversed = '{ b: workspace(id: "other") a: workspace(id: "mine") }'

  test('lets a second alias through by the answer to the first', async () => {
    const mine = shield.rule('mine', { cache: 'contextual' })((_parent, { id }) => id === 'mine')
    const fallen = await run(shielded(small(sdl, resolvers), { Query: { workspace: mine } }), both)
    expect(fallen).toEqual({ data: { a: 'secret of mine', b: 'secret of other' }, codes: [] })
  })

  test('is not used by the guard: each alias is asked for itself', async () => {
    const ours = guarded(small(sdl, resolvers), { 'Query.workspace': onlyMine })
    const expected = { data: { a: 'secret of mine', b: null }, codes: ['NOT_FOUND'] }
    expect(await run(ours, both)).toEqual(expected)
    expect(await run(ours, reversed)).toEqual(expected)
  })
})

describe('the wrapping of every field of every type', () => {
  const sdl = 'type Query { rows: [Row!]! } type Row { a: Int b: Int }'
  const rows = Array.from({ length: 1000 }, (_row, index) => ({ a: index, b: index }))
  const resolvers = { Query: { rows: () => rows } }

  test('makes plain shield ask 2,001 times for a list of 1,000 rows', async () => {
    let asked = 0
    const counting = shield.rule({ cache: 'no_cache' })(() => {
      asked++
      return true
    })
    const fallen = shielded(small(sdl, resolvers), { Query: counting, Row: counting })
    expect((await run(fallen, '{ rows { a b } }')).codes).toEqual([])
    expect(asked).toBe(2001)
  })

  test('is spared by the guard: it asks once, and no field below a root is touched', async () => {
    let asked = 0
    const counting = gate('counting', () => {
      asked++
    })
    expect(
      (await run(guarded(small(sdl, resolvers), { 'Query.rows': counting }), '{ rows { a b } }')).codes,
    ).toEqual([])
    expect(asked).toBe(1)
  })

  test('is spared on the whole schema: exactly the roots have another resolver than before', () => {
    const plain = builder.toSchema({})
    const resolversOf = (made: GraphQLSchema) =>
      new Map(
        Object.values(made.getTypeMap())
          .filter(isObjectType)
          .flatMap((type) =>
            Object.values(type.getFields()).map(
              (field) => [`${type.name}.${field.name}`, field.resolve] as const,
            ),
          ),
      )
    const before = resolversOf(plain)
    const after = resolversOf(guardSchema(plain))
    const wrapped = [...after].filter(([name, resolve]) => resolve !== before.get(name)).map(([name]) => name)
    const roots = [plain.getQueryType(), plain.getMutationType(), plain.getSubscriptionType()].flatMap(
      (type) => Object.keys(type?.getFields() ?? {}).map((name) => `${type?.name}.${name}`),
    )
    expect(wrapped.sort()).toEqual(roots.sort())
    expect(after.size).toBeGreaterThan(roots.length)
  })
})

describe('fallbackRule: deny (lesson 20)', () => {
  const sdl = 'type Query { a: Int } type Mutation { write: Payload } type Payload { id: ID }'
  const writing = () => {
    const effects: string[] = []
    const resolvers = {
      Mutation: {
        write: () => {
          effects.push('written')
          return { id: 'new' }
        },
      },
    }
    return { effects, made: small(sdl, resolvers) }
  }

  test('refuses the payload after its mutation has run', async () => {
    const { effects, made } = writing()
    const fallen = shielded(made, { Mutation: { write: shield.allow } }, { fallbackRule: shield.deny })
    expect(await run(fallen, 'mutation { write { id } }')).toEqual({
      data: { write: { id: null } },
      codes: ['Not Authorised!'],
    })
    expect(effects).toEqual(['written'])
  })

  test('refuses with us before the mutation, and never a payload', async () => {
    const { effects, made } = writing()
    let open = false
    const door = gate('door', () => {
      if (!open) throw forbidden('workspace:update')
    })
    const ours = guarded(made, { 'Query.a': isPublic, 'Mutation.write': door })
    expect(await run(ours, 'mutation { write { id } }')).toEqual({
      data: { write: null },
      codes: ['FORBIDDEN'],
    })
    expect(effects).toEqual([])
    open = true
    expect(await run(ours, 'mutation { write { id } }')).toEqual({
      data: { write: { id: 'new' } },
      codes: [],
    })
  })

  test('becomes a start that fails: a root field without a gate is no schema', () => {
    expect(() => guarded(writing().made, { 'Query.a': isPublic })).toThrow('Mutation.write declares no gate')
  })
})

describe('a rule that throws', () => {
  const sdl = 'type Query { workspace: String }'
  const resolvers = { Query: { workspace: () => 'secret' } }
  const outage = () => {
    throw new Error('connection refused')
  }

  test('looks like a refusal in plain shield', async () => {
    const failing = shield.rule({ cache: 'no_cache' })(outage)
    const fallen = shielded(small(sdl, resolvers), { Query: { workspace: failing } })
    expect(await run(fallen, '{ workspace }')).toEqual({
      data: { workspace: null },
      codes: ['Not Authorised!'],
    })
  })

  test('stays an outage with us, and opens nothing', async () => {
    const ours = guarded(small(sdl, resolvers), { 'Query.workspace': gate('failing', outage) })
    expect(await run(ours, '{ workspace }')).toEqual({
      data: { workspace: null },
      codes: ['connection refused'],
    })
    const odd = gate('odd', () => Promise.reject('no error at all'))
    expect(await run(guarded(small(sdl, resolvers), { 'Query.workspace': odd }), '{ workspace }')).toEqual({
      data: { workspace: null },
      codes: ['no error at all'],
    })
  })

  test('does not turn what a resolver throws into a refusal either', async () => {
    const failing = { Query: { workspace: outage } }
    const fallen = shielded(small(sdl, failing), { Query: { workspace: shield.allow } })
    expect((await run(fallen, '{ workspace }')).codes).toEqual(['Not Authorised!'])
    const ours = guarded(small(sdl, failing), { 'Query.workspace': isPublic })
    expect((await run(ours, '{ workspace }')).codes).toEqual(['connection refused'])
  })
})

describe('encoded global ids', () => {
  const rowId = newId()
  const sdl = 'type Query { workspace(id: ID!): String }'
  const resolvers = {
    Query: { workspace: (_root: unknown, { id }: Record<string, unknown>) => idOf(String(id), 'Workspace') },
  }
  const query = (id: string) => `{ workspace(id: "${id}") }`

  test('reach a plain rule as they came, so that it compares the wrong thing', async () => {
    const mine = shield.rule({ cache: 'no_cache' })((_parent, { id }) => id === rowId)
    const fallen = shielded(small(sdl, resolvers), { Query: { workspace: mine } })
    expect((await run(fallen, query(encodeId('Workspace', rowId)))).codes).toEqual(['Not Authorised!'])
  })

  test('reach our gates as the row that they name, however they are spelled', async () => {
    const target = workspace('id')
    const mine = gate('mine', async (args, context) => {
      if ((await target.find(args, context))?.id !== rowId) throw notFound()
    })
    const ours = guarded(small(sdl, resolvers), { 'Query.workspace': mine })
    const padded = Buffer.from(`Workspace:${rowId}`).toString('base64')
    expect((await run(ours, query(encodeId('Workspace', rowId)))).data).toEqual({ workspace: rowId })
    expect((await run(ours, query(padded))).data).toEqual({ workspace: rowId })
    expect((await run(ours, query(encodeId('Workspace', newId())))).codes).toEqual(['NOT_FOUND'])
    expect((await run(ours, query(encodeId('Organization', rowId)))).codes).toEqual(['BAD_USER_INPUT'])
    expect((await run(ours, query(rowId))).codes).toEqual(['BAD_USER_INPUT'])
  })
})

describe('a rule on a nested field', () => {
  test('runs after its rows were loaded: it is a gate, not row security', async () => {
    const loaded: string[] = []
    const made = small(
      'type Query { organization: Organization } type Organization { workspaces: [Workspace] } type Workspace { name: String }',
      {
        Query: {
          organization: () => {
            // As an ORM does that selects what the query asks for: all rows come with their parent.
            loaded.push('mine', 'foreign')
            return { workspaces: [{ name: 'mine' }, { name: 'foreign' }] }
          },
        },
      },
    )
    const own = shield.rule({ cache: 'no_cache' })(({ name }) => name === 'mine')
    const fallen = shielded(made, { Workspace: { name: own } })
    const { data } = await run(fallen, '{ organization { workspaces { name } } }')
    expect(loaded).toContain('foreign')
    // And the foreign row can be counted.
    expect(data.organization.workspaces).toEqual([{ name: 'mine' }, { name: null }])
  })
})

describe("graphql-shield's ESM build (lesson 22)", () => {
  /** A process in which `util` is as on Node 23 and later: without `isUndefined`. */
  const onNode23 = (script: string) => {
    const hook = `export const resolve = (name, context, next) => name === 'util' && /graphql-shield.esm/.test(context.parentURL)
      ? { url: 'data:text/javascript,export const inspect = 1', shortCircuit: true } : next(name, context)`
    const source = `import { createRequire, register } from 'node:module'
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
      const require = createRequire(${JSON.stringify(import.meta.url)})
      delete require('util').isUndefined
      ${script}`
    const cwd = new URL('../..', import.meta.url).pathname
    return promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], { cwd })
  }

  test('does not load on Node 23 and later, and its CommonJS build does', async () => {
    const esm = 'await import("graphql-shield")'
    await expect(onNode23(esm)).rejects.toThrow("does not provide an export named 'isUndefined'")
    const commonJs =
      'const { rule, shield, deny } = require("graphql-shield"); console.log(typeof shield({}, { fallbackRule: deny }))'
    expect((await onNode23(commonJs)).stdout.trim()).toBe('object')
  })

  test('denies with `chain` and `race` there, whatever their rules say', async () => {
    const util = require('node:util') as { isUndefined?: unknown }
    const { isUndefined } = util
    const answerOf = async (rule: 'and' | 'chain' | 'race') => {
      const made = small('type Query { a: Int }', { Query: { a: () => 1 } })
      return run(shielded(made, { Query: { a: shield[rule](shield.allow, shield.allow) } }), '{ a }')
    }
    try {
      delete util.isUndefined
      expect(await answerOf('and')).toEqual({ data: { a: 1 }, codes: [] })
      expect((await answerOf('chain')).codes).toEqual(['Not Authorised!'])
      expect((await answerOf('race')).codes).toEqual(['Not Authorised!'])
    } finally {
      util.isUndefined = isUndefined
    }
  })

  test('is loaded nowhere in src, nor are chain and race used', async () => {
    const root = new URL('../../src/', import.meta.url)
    const files = (await readdir(root, { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('generated'),
    )
    const naming: string[] = []
    for (const name of files) {
      const text = await readFile(new URL(name, root), 'utf8')
      expect([name, text]).toEqual([
        name,
        expect.not.stringMatching(/^import (?!type).*'graphql-(shield|middleware)'/m),
      ])
      if (/'graphql-(shield|middleware)'/.test(text)) naming.push(name)
    }
    expect(naming).toEqual(['access/guard.ts'])
    const guard = await readFile(new URL('access/guard.ts', root), 'utf8')
    expect(guard).toContain("createRequire(import.meta.url)('graphql-shield')")
    expect(guard).not.toMatch(/\b(chain|race)\b/)
  })
})
