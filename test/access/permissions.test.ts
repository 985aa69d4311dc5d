import { describe, expect, test } from 'vitest'
import {
  allPermissions,
  builtInRoles,
  ceilingOf,
  LEVELS,
  permissionsOf,
  type RoleGrant,
  reaches,
} from '../../src/access/permissions.ts'
import { matchRole } from '../../src/domains/role/find-role.ts'

/** The permission matrix of access.md, letter by letter: `x` holds it, `-` does not. Columns as in {@link COLUMNS}. */
const MATRIX = `
workspace:read        x x x x  - - x x
member:read           x x x x  - - x x
role:read             x x x x  - - x x
settings:read         x x x x  - - x x
workspace:clone       x x x x  - - x x
resource:write        - x x x  - - x x
extension:write       - x x x  - - x x
capability:write      - x x x  - - x x
preferences:write     - x x x  - - x x
workspace:update      - - x x  - - x x
settings:write        - - x x  - - x x
member:write          - - x x  - - x x
invite:read           - - x x  - - x x
invite:write          - - x x  - - x x
role:write            - - x x  - - x x
events:write          - - x x  - - x x
workspace:delete      - - x x  - - x x
workspace:create      - - - -  - x x x
organization:read     - - - -  x x x x
organization:members  - - - -  - - x x
organization:settings - - - -  - - x x
organization:roles    - - - -  - - x x
organization:invites  - - - -  - - x x
organization:delete   - - - -  - - - x
organization:transfer - - - -  - - - x
`

const COLUMNS = [
  ['WORKSPACE', 'READ', 'READ'],
  ['WORKSPACE', 'WRITE', 'WRITE'],
  ['WORKSPACE', 'ADMIN', 'ADMIN'],
  ['WORKSPACE', 'OWNER', 'OWNER'],
  ['ORGANIZATION', 'MEMBER', null],
  ['ORGANIZATION', 'WORKSPACE_MANAGER', null],
  ['ORGANIZATION', 'ADMIN', 'ADMIN'],
  ['ORGANIZATION', 'OWNER', 'OWNER'],
] as const

const rows = MATRIX.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
const table = new Map(rows.map(([permission, ...marks]) => [String(permission), marks]))

/** The permissions with a mark in one column. */
const columnOf = (index: number): string[] =>
  [...table].filter(([, marks]) => marks[index] === 'x').map(([permission]) => permission)

const stored = (role: Partial<RoleGrant>): RoleGrant => ({
  scope: 'WORKSPACE',
  key: 'CUSTOM',
  builtIn: false,
  level: null,
  permissions: [],
  ...role,
})

describe('the permission matrix', () => {
  test('has a row for every permission of the code, and no other', () => {
    expect([...table.keys()].sort()).toEqual([...allPermissions].sort())
  })

  test('has a column for every built-in role, with its level', () => {
    expect(builtInRoles.map(({ scope, key, level }) => [scope, key, level]).sort()).toEqual(
      COLUMNS.map((column) => [...column]).sort(),
    )
  })

  test.each(COLUMNS.map((column, index) => [...column, index] as const))(
    'lesson 5: %s %s holds exactly its column',
    (scope, key, level, index) => {
      const held = permissionsOf(stored({ scope, key, level, builtIn: true }))
      expect([...held].sort()).toEqual(columnOf(index).sort())
    },
  )

  test('levels are totally ordered, and nothing is below READ', () => {
    const reached = (level: (typeof LEVELS)[number] | null) => LEVELS.map((needed) => reaches(level, needed))
    expect(LEVELS).toEqual(['READ', 'WRITE', 'ADMIN', 'OWNER'])
    expect(reached('READ')).toEqual([true, false, false, false])
    expect(reached('WRITE')).toEqual([true, true, false, false])
    expect(reached('ADMIN')).toEqual([true, true, true, false])
    expect(reached('OWNER')).toEqual([true, true, true, true])
    expect(reached(null)).toEqual([false, false, false, false])
  })

  test.each(LEVELS.map((level, index) => [level, index] as const))(
    'the ceiling of level %s is its column',
    (level, index) => {
      expect([...ceilingOf(level)].sort()).toEqual(columnOf(index).sort())
      expect(ceilingOf(null)).toEqual([])
    },
  )
})

describe('a custom role (access.md, rule 3)', () => {
  test.each(LEVELS)(
    'of level %s on workspaces holds what was chosen, cut to its ceiling, and reading',
    (level) => {
      const greedy = permissionsOf(stored({ level, permissions: [...allPermissions] }))
      expect([...greedy].sort()).toEqual([...ceilingOf(level)].sort())
      const modest = permissionsOf(stored({ level, permissions: [] }))
      expect([...modest].sort()).toEqual([...ceilingOf('READ')].sort())
    },
  )

  test('keeps its ceiling also under the key of a built-in role', () => {
    const disguised = stored({ scope: 'ORGANIZATION', key: 'OWNER', permissions: [...allPermissions] })
    expect([...permissionsOf(disguised)].sort()).toEqual(['organization:read', 'workspace:create'])
  })

  test('of an organization never deletes it nor gives it away, whatever its level and its row say', () => {
    for (const level of [null, ...LEVELS]) {
      const held = permissionsOf(
        stored({ scope: 'ORGANIZATION', level, permissions: [...allPermissions, 'nonsense'] }),
      )
      expect(held.has('organization:delete')).toBe(false)
      expect(held.has('organization:transfer')).toBe(false)
      expect(held.has('organization:read')).toBe(true)
      expect([...held].every((permission) => allPermissions.includes(permission))).toBe(true)
    }
  })

  test('of a workspace holds nothing on the organization', () => {
    const held = permissionsOf(stored({ level: 'OWNER', permissions: [...allPermissions] }))
    expect([...held].filter((permission) => permission.startsWith('organization:'))).toEqual([])
    expect(held.has('workspace:create')).toBe(false)
  })
})

describe('the names of roles', () => {
  /** Key, name and aliases as access.md lists them. */
  const NAMES = {
    WORKSPACE: {
      READ: ['READ', 'Workspace Viewer', 'viewer', 'member'],
      WRITE: ['WRITE', 'Workspace Editor', 'editor'],
      ADMIN: ['ADMIN', 'Workspace Admin', 'admin'],
      OWNER: ['OWNER', 'Workspace Owner', 'owner'],
    },
    ORGANIZATION: {
      MEMBER: ['MEMBER', 'Member'],
      WORKSPACE_MANAGER: ['WORKSPACE_MANAGER', 'Workspace Manager'],
      ADMIN: ['ADMIN', 'Organization Administrator', 'administrator'],
      OWNER: ['OWNER', 'Organization Owner'],
    },
  } as const

  const spellings = (name: string) => [name, name.toUpperCase(), name.toLowerCase(), `  ${name} `]
  const rolesIn = (scope: 'WORKSPACE' | 'ORGANIZATION') => builtInRoles.filter((role) => role.scope === scope)

  test.each(['WORKSPACE', 'ORGANIZATION'] as const)('of a %s are accepted in any case', (scope) => {
    for (const [key, names] of Object.entries(NAMES[scope])) {
      for (const name of names.flatMap(spellings)) {
        expect([name, matchRole(rolesIn(scope), name)?.key]).toEqual([name, key])
      }
    }
  })

  test.each(['WORKSPACE', 'ORGANIZATION'] as const)('of a %s are never those of two roles', (scope) => {
    const names = rolesIn(scope).flatMap(({ key, name, aliases }) => [
      ...new Set([key, name, ...aliases].map((text) => text.toLowerCase())),
    ])
    expect(new Set(names).size).toBe(names.length)
  })

  test('lesson 6: an unknown one is no role, nor one of the other scope', () => {
    expect(matchRole(rolesIn('WORKSPACE'), 'superuser')).toBeUndefined()
    expect(matchRole(rolesIn('WORKSPACE'), '')).toBeUndefined()
    expect(matchRole(rolesIn('WORKSPACE'), 'Workspace Manager')).toBeUndefined()
    expect(matchRole(rolesIn('ORGANIZATION'), 'editor')).toBeUndefined()
  })

  test('a key wins over a name, and a name over an alias', () => {
    const custom = (key: string, name: string) => ({ key, name, scope: 'WORKSPACE' as const })
    expect(matchRole([custom('A', 'Viewer'), custom('VIEWER', 'B')], 'viewer')?.key).toBe('VIEWER')
    expect(matchRole([custom('READ', 'Workspace Viewer'), custom('X', 'Viewer')], 'viewer')?.key).toBe('X')
  })
})
