import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SRC = join(ROOT, 'src')

interface Import {
  /** Relative to src, or the name of a package. */
  target: string
  typeOnly: boolean
}

interface Source {
  path: string
  text: string
  imports: Import[]
}

const IMPORT = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)|\b(?:require|createRequire\([^)]*\))\(\s*'([^']+)'\s*\)/g

const sources: Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('generated/'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const at = (target: string) =>
      target.startsWith('.') ? relative(SRC, join(SRC, dirname(path), target)) : target
    const fixed = [...text.matchAll(IMPORT)].map(([, type, target]) => ({
      target: at(String(target)),
      typeOnly: Boolean(type),
    }))
    const dynamic = [...text.matchAll(DYNAMIC)].map(([, imported, required]) => ({
      target: at(String(imported ?? required)),
      typeOnly: false,
    }))
    return { path, text, imports: [...fixed, ...dynamic] }
  })
/** What runs in browsers: the client package and the console. */
const frontend = ['client/src', 'console/src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('generated/'))
    .map((path) => ({ path: `${folder}/${path}`, text: readFileSync(join(ROOT, folder, path), 'utf8') })),
)
const byPath = new Map(sources.map((source) => [source.path, source]))

const isLocal = (target: string) => target.endsWith('.ts')
const domainOf = (path: string) => /^domains\/([^/]+)\//.exec(path)?.[1]

/** Every import as `from -> to`, for those that break a rule. */
function broken(breaks: (source: Source, imported: Import) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((imported) => breaks(source, imported))
      .map(({ target }) => `${source.path} -> ${target}`),
  )
}

test('the reader of imports sees them', () => {
  const targets = (path: string) => byPath.get(path)?.imports.map(({ target }) => target)
  expect(targets('schema.ts')).toEqual(expect.arrayContaining(['access/guard.ts', 'domains/role/index.ts']))
  expect(targets('access/guard.ts')).toEqual(expect.arrayContaining(['graphql-shield', 'context.ts']))
  const lost = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => isLocal(target) && !/^(generated|\.\.)\//.test(target) && !byPath.has(target))
      .map(({ target }) => `${path} -> ${target}`),
  )
  expect(lost).toEqual([])
})

/** From the bottom: a layer imports itself and those before it. Layers of one line stand beside each other. */
const LAYERS = [
  ['generated', 'env.ts'],
  ['platform'],
  ['access', 'graphql'],
  ['domains'],
  ['context.ts', 'schema.ts'],
  ['http'],
  ['app.ts', 'background.ts', 'banner.ts'],
  ['service.ts'],
  ['main.ts'],
]
const layerOf = (path: string) => LAYERS.findIndex((layer) => layer.includes(path.split('/')[0] ?? ''))

describe('who may import whom', () => {
  test('every file belongs to a layer', () => {
    expect(sources.map(({ path }) => path).filter((path) => layerOf(path) < 0)).toEqual([])
  })

  test('main -> service -> app -> http -> schema, context -> domains -> access, graphql -> platform -> generated', () => {
    // The type of a request's context is known everywhere above the platform; importing it costs nothing at run time.
    const isContextType = ({ path }: Source, { target, typeOnly }: Import) =>
      target === 'context.ts' && typeOnly && layerOf(path) >= layerOf('access/')
    const up = broken(
      (source, imported) =>
        isLocal(imported.target) &&
        layerOf(imported.target) > layerOf(source.path) &&
        !isContextType(source, imported),
    )
    expect(up).toEqual([])
  })

  test('platform, access and graphql never import a domain', () => {
    const found = broken(
      ({ path }, { target }) => /^(platform|access|graphql)\//.test(path) && target.startsWith('domains/'),
    )
    expect(found).toEqual([])
  })

  test.each([
    ['graphql-shield', /^access\//],
    ['graphql-middleware', /^access\//],
    ['@pothos/core', /^(graphql|domains)\//],
    ['@pothos/plugin-prisma', /^(graphql|domains)\//],
    ['@pothos/plugin-relay', /^graphql\//],
    ['graphql-yoga', /^http\//],
    ['@escape.tech/graphql-armor', /^http\//],
    ['better-auth', /^domains\/identity\//],
    ['pg', /^(platform|domains)\//],
    ['@prisma/adapter-pg', /^platform\//],
    ['graphile-worker', /^platform\//],
    ['nodemailer', /^platform\//],
    ['pino', /^platform\//],
    ['prom-client', /^platform\//],
  ])('%s is known in one place', (name, where) => {
    const isIt = (target: string) => target === name || target.startsWith(`${name}/`)
    const known = sources.filter(({ imports }) => imports.some(({ target }) => isIt(target)))
    expect(known.map(({ path }) => path).filter((path) => !where.test(path))).toEqual([])
  })

  test('no file imports itself by way of others', () => {
    const cycles = new Set<string>()
    const done = new Set<string>()
    const visit = (path: string, trail: string[]): void => {
      if (trail.includes(path)) {
        cycles.add([...trail.slice(trail.indexOf(path)), path].join(' -> '))
        return
      }
      if (done.has(path)) return
      for (const { target, typeOnly } of byPath.get(path)?.imports ?? []) {
        if (!typeOnly) visit(target, [...trail, path])
      }
      done.add(path)
    }
    for (const { path } of sources) visit(path, [])
    expect([...cycles]).toEqual([])
  })
})

/** The order of the domains: each imports only those before it. A new domain is put where it stands. */
const ORDER = [
  'role',
  'member',
  'settings',
  'workspace',
  'resource',
  'extension',
  'capability',
  'event-subscription',
  'preferences',
  'organization',
  'invite',
  'identity',
  'event',
  'operation',
  'provisioning',
  'admin',
  'credential',
  'user',
]

describe('domains', () => {
  const domains = readdirSync(join(SRC, 'domains'))

  test('each has its place in the order', () => {
    expect(domains.filter((domain) => !ORDER.includes(domain))).toEqual([])
  })

  test('each imports only those before it', () => {
    const backward = broken(({ path }, { target }) => {
      const [from, to] = [domainOf(path), domainOf(target)]
      return from !== undefined && to !== undefined && ORDER.indexOf(to) > ORDER.indexOf(from)
    })
    expect(backward).toEqual([])
  })

  test('each that is in the schema has types.ts or mutations.ts, a policy, and an index that only imports', () => {
    for (const domain of domains) {
      const files = readdirSync(join(SRC, 'domains', domain))
      if (!files.includes('types.ts') && !files.includes('mutations.ts')) continue
      expect(files, domain).toContain('index.ts')
      const index = byPath.get(`domains/${domain}/index.ts`)?.text ?? ''
      const lines = index.split('\n').filter((line) => line.trim() !== '')
      expect(
        lines.filter((line) => !/^(import '|export |\/\/)/.test(line)),
        domain,
      ).toEqual([])
      const hasNodes = /prismaNode\(/.test(byPath.get(`domains/${domain}/types.ts`)?.text ?? '')
      expect(hasNodes && !files.includes('policy.ts'), `${domain} has rows, and no policy.ts`).toBe(false)
    }
  })
})

/** The mutations of schema.graphql. */
const mutations = parse(readFileSync(join(ROOT, 'schema.graphql'), 'utf8')).definitions.flatMap(
  (definition) =>
    definition.kind === 'ObjectTypeDefinition' && definition.name.value === 'Mutation'
      ? (definition.fields ?? []).map(({ name }) => name.value)
      : [],
)
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const useCases = mutations.map((name) => ({
  name,
  found: sources.filter(
    ({ path }) => domainOf(path) && basename(path) === `${kebab(name)}.ts` && path.split('/').length === 3,
  ),
}))

describe('use cases', () => {
  test('each mutation has one: a file and a function of its name', () => {
    expect(mutations.length).toBeGreaterThan(10)
    const wrong = useCases
      .filter(
        ({ name, found }) =>
          found.length !== 1 || !new RegExp(`export (async )?function ${name}\\b`).test(found[0]?.text ?? ''),
      )
      .map(({ name }) => name)
    expect(wrong).toEqual([])
  })

  test('none knows GraphQL, whatever it imports: no Pothos, shield, types.ts or mutations.ts', () => {
    const forbidden =
      /^(@pothos\/|graphql-shield$|graphql-middleware$|graphql$|graphql-yoga|graphql\/)|\/(types|mutations)\.ts$/
    const found = new Set<string>()
    for (const useCase of useCases.flatMap(({ found: files }) => files)) {
      const seen = new Set<string>()
      const visit = (path: string, trail: string): void => {
        if (seen.has(path)) return
        seen.add(path)
        for (const { target, typeOnly } of byPath.get(path)?.imports ?? []) {
          if (typeOnly) continue
          if (forbidden.test(target)) found.add(`${trail} -> ${target}`)
          else visit(target, `${trail} -> ${target}`)
        }
      }
      visit(useCase.path, useCase.path)
    }
    expect([...found]).toEqual([])
  })

  test('the seed calls use cases, and inserts nothing by itself', () => {
    const path = join(ROOT, 'prisma/seed.ts')
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    expect(
      [...text.matchAll(/\.(create|createMany|upsert|\$executeRaw\w*)\(/g)].map(([call]) => call),
    ).toEqual([])
  })
})

/** Files that were longer when the rule came: they may only shrink. */
const LONGER: Record<string, number> = {
  'graphql/connection.ts': 363,
  'platform/embedded-postgres.ts': 560,
}

describe('files', () => {
  test('are named in kebab-case', () => {
    const odd = sources.filter(
      ({ path }) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path),
    )
    expect(odd.map(({ path }) => path)).toEqual([])
  })

  test('have at most 300 lines', () => {
    const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    expect(long.filter(({ path, lines }) => lines > (LONGER[path] ?? 300))).toEqual([])
  })

  test('leave nothing undone, and silence no tool', () => {
    const words = /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/
    const all = [...sources, ...frontend]
    expect(all.filter(({ text }) => words.test(text)).map(({ path }) => path)).toEqual([])
  })

  test('those of the client package and the console keep the same rules, and know nothing of the service', () => {
    expect(frontend.length).toBeGreaterThan(40)
    const name = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/
    expect(frontend.filter(({ path }) => !name.test(path)).map(({ path }) => path)).toEqual([])
    const long = frontend.filter(({ text }) => text.split('\n').length > 301)
    expect(long.map(({ path }) => path)).toEqual([])
    const outside = frontend.flatMap(({ path, text }) => {
      const home = join(ROOT, path.split('/').slice(0, 2).join('/'))
      return [...text.matchAll(IMPORT)]
        .map(([, , target]) => String(target))
        .filter((target) => target.startsWith('.') && !join(ROOT, dirname(path), target).startsWith(home))
        .map((target) => `${path} -> ${target}`)
    })
    expect(outside).toEqual([])
  })
})
