import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate, loadContext } from '@graphql-codegen/cli'
import { build } from 'esbuild'
import {
  buildSchema,
  type DocumentNode,
  type GraphQLSchema,
  isInterfaceType,
  isUnionType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFile(join(ROOT, path), 'utf8')
const isErrorType = ({ name }: { name: string }) => name !== 'Error'

let schema: GraphQLSchema
let operations: DocumentNode

beforeAll(async () => {
  schema = buildSchema(await read('schema.graphql'))
  const files = (await readdir(join(ROOT, 'client/operations'))).sort()
  const sources = await Promise.all(files.map((file) => read(`client/operations/${file}`)))
  operations = parse(sources.join('\n'))
})

/** Every field that some operation selects, as `Type.field`; those of an interface count for what it can be. */
function selectedFields(): Set<string> {
  const selected = new Set<string>()
  const types = new TypeInfo(schema)
  visit(
    operations,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        const parent = types.getParentType()
        if (!parent) return
        const concrete = isInterfaceType(parent) || isUnionType(parent) ? schema.getPossibleTypes(parent) : []
        for (const type of [parent, ...concrete]) selected.add(`${type.name}.${name.value}`)
      },
    }),
  )
  return selected
}

describe('operations', () => {
  test('there is one for every query, mutation and subscription, and for every list', () => {
    const selected = selectedFields()
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
    const entrances = [...roots, schema.getType('Viewer'), schema.getType('Admin')]
    const wanted = Object.values(schema.getTypeMap()).flatMap((type) => {
      if (!('getFields' in type) || isInterfaceType(type)) return []
      const isEntrance = entrances.some((entrance) => entrance?.name === type.name)
      return Object.values(type.getFields())
        .filter((field) => isEntrance || /Connection!?$/.test(String(field.type)))
        .map((field) => `${type.name}.${field.name}`)
    })
    expect(wanted.length).toBeGreaterThan(80)
    expect(wanted.filter((field) => !selected.has(field))).toEqual([])
  })

  test('each mutation is called like its field, and asks for every field of its errors', () => {
    const selected = selectedFields()
    const fields = Object.values(schema.getMutationType()?.getFields() ?? {})
    const names = operations.definitions.flatMap((one) =>
      one.kind === 'OperationDefinition' ? [one.name?.value] : [],
    )
    const pascal = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    expect(fields.map(({ name }) => pascal(name)).filter((name) => !names.includes(name))).toEqual([])
    const error = schema.getType('Error')
    const errors = isInterfaceType(error) ? schema.getPossibleTypes(error).filter(isErrorType) : []
    const wanted = errors.flatMap((type) =>
      Object.keys(type.getFields()).map((name) => `${type.name}.${name}`),
    )
    expect(wanted.filter((field) => !selected.has(field))).toEqual([])
  })

  test('what is generated is what schema.graphql and the operations make', async () => {
    const context = await loadContext(join(ROOT, 'codegen.ts'))
    context.updateConfig({ silent: true })
    const files = (await generate({ ...context.getConfig(), cwd: ROOT }, false)) as {
      filename: string
      content: string
    }[]
    expect(files).toHaveLength(3)
    for (const { filename, content } of files) {
      const path = filename.slice(filename.indexOf('client/src'))
      expect((await read(path)) === content, `${path} is stale: npm run codegen`).toBe(true)
    }
  })
})

describe('the built package', () => {
  const run = (tool: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'node_modules', tool), ...args], { cwd: ROOT, encoding: 'utf8' })

  beforeAll(() => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build-client.mjs'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('has exports that every tool understands', () => {
    const { stdout, status } = run('publint/src/cli.js', 'client', '--strict')
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('All good!') })
  })

  test('has declarations that say what the modules export', () => {
    const { stdout, stderr, status } = run(
      '@arethetypeswrong/cli/dist/index.js',
      '--pack',
      'client',
      '--profile',
      'esm-only',
      '--format',
      'ascii',
    )
    expect(stdout + stderr).toContain('@atrium/client/fetch')
    expect(status, stdout + stderr).toBe(0)
  })

  /** What a frontend's bundle holds when it imports this. */
  const bundled = async (source: string) => {
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      define: { 'process.env.NODE_ENV': '"production"' },
    })
    return outputFiles[0]?.text ?? ''
  }

  test('leaves out of a bundle what nobody imports', async () => {
    const one = await bundled(
      `import { SignOutDocument } from '@atrium/client'; console.log(SignOutDocument)`,
    )
    expect(one).toContain('signOut')
    expect(one).not.toContain('createWorkspace')
    expect(one.length).toBeLessThan(3_000)
    const hook = await bundled(
      `import { useSignOutMutation } from '@atrium/client'; console.log(useSignOutMutation)`,
    )
    expect(hook).not.toContain('createWorkspace')
  })

  test('has an entry that brings neither React nor urql', async () => {
    const text = await bundled(`import { createFetchClient, ViewerDocument } from '@atrium/client/fetch'
      console.log(createFetchClient, ViewerDocument)`)
    expect(text).toContain('viewer')
    expect(text).not.toContain('react.element')
    expect(text).not.toContain('stale')
    expect(text.length).toBeLessThan(40_000)
  })
})

describe('types', () => {
  let folder: string
  beforeAll(async () => {
    // Inside of the repository, where the package is found.
    folder = await mkdtemp(join(ROOT, 'node_modules/.types-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** What the compiler says about a program, each as `line: message`. */
  async function errorsIn(source: string): Promise<string[]> {
    await writeFile(join(folder, 'program.ts'), source)
    await cp(join(ROOT, 'tsconfig.json'), join(folder, 'base.json'))
    const own = {
      extends: './base.json',
      compilerOptions: { types: [], lib: ['ES2023', 'DOM'] },
      include: ['program.ts'],
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(own))
    const { stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/typescript7/bin/tsc'), '--noEmit', '-p', folder],
      {
        encoding: 'utf8',
      },
    )
    return [...stdout.matchAll(/program\.ts\((\d+),\d+\): error (TS\d+: .*)/g)].map(
      ([, line, text]) => `${line}: ${text}`,
    )
  }

  test('a right program compiles', async () => {
    const source = `import { isPayload, settled, useCreateWorkspaceMutation, useWorkspacesQuery } from '@atrium/client'
export function Page() {
  const [{ data }] = useWorkspacesQuery({ variables: { first: 20, where: { name: { contains: 'a' } } } })
  const [, create] = useCreateWorkspaceMutation()
  const submit = async () => {
    const { payload, refusal, problem } = settled(await create({ input: { name: 'Rhine' } }))
    if (payload) return payload.workspace.key
    if (problem) return problem.code === 'FORBIDDEN' ? problem.permission : problem.message
    return refusal.__typename === 'KeyTaken' ? refusal.key : refusal.message
  }
  return { names: data?.viewer?.workspaces?.nodes.map(({ name }) => name.trim()), submit, isPayload }
}
`
    expect(await errorsIn(source)).toEqual([])
  })

  test('a wrong variable, a field that was not asked for, and a missing case do not', async () => {
    const source = `import { createFetchClient, CreateWorkspaceDocument, settled, SignInDocument, useCreateWorkspaceMutation, useWorkspaceQuery, useWorkspacesQuery, WorkspaceDocument } from '@atrium/client/fetch'
import * as hooks from '@atrium/client'
export const a = () => hooks.useWorkspacesQuery({ variables: { frist: 20 } })
export const b = () => hooks.useWorkspacesQuery({ variables: { first: 'twenty' } })
export const c = () => hooks.useWorkspaceQuery({})
export const d = () => hooks.useWorkspacesQuery()[0].data?.viewer?.workspaces?.nodes[0]?.colour
export const e = async () => createFetchClient().request(WorkspaceDocument)
export const f = async () => (await createFetchClient().request(CreateWorkspaceDocument, { input: { name: 'A' } })).createWorkspace?.workspace
export const g = async () => { const [, create] = hooks.useCreateWorkspaceMutation(); return settled(await create({ input: {} })) }
export const h = async () => { const { payload } = settled(await hooks.useSignInMutation()[1]({ input: { email: 'a', password: 'b' } })); return payload.token }
`
    const errors = await errorsIn(source)
    const lines = new Set(errors.map((error) => Number(error.split(':')[0])))
    expect([...lines].sort((one, other) => one - other)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(errors.join('\n')).toContain("'frist' does not exist")
    expect(errors.join('\n')).toContain("Property 'colour' does not exist")
  })
})
