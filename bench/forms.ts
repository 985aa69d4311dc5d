import { globalId, rowIdOf } from './ids.ts'
import type { Given } from './operations.ts'

type Json = Record<string, unknown>

/** What one server is sent for an operation, and its answer in the form that all of them share: that of the floor. */
export interface Form {
  /** The document, for servers that speak GraphQL. */
  query?: string
  variables: (given: Given) => unknown
  normal: (data: unknown) => unknown
}

/** Follows a path into an answer. */
const at = (value: unknown, ...path: string[]): never =>
  path.reduce<unknown>((inner, step) => (inner as Json | null)?.[step], value) as never

/** Every value under its key, changed on the way. */
function rewritten(value: unknown, change: (key: string, value: unknown) => [string, unknown]): unknown {
  if (Array.isArray(value)) return value.map((one) => rewritten(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => change(key, rewritten(inner, change))),
  )
}

const utc = (value: unknown) => (typeof value === 'string' ? new Date(value).toISOString() : value)
const byRowId = (data: unknown) =>
  rewritten(data, (key, value) => [key, key === 'id' ? rowIdOf(String(value)) : value])

const WORKSPACE = 'id key name description labels mlEnabled createdAt organization { id slug name }'

export const ATRIUM: Record<string, Form> = {
  Q1: {
    query: `query Q1($id: ID!) { workspace(id: $id) { ${WORKSPACE} } }`,
    variables: ({ workspace }) => ({ id: globalId('Workspace', workspace) }),
    normal: byRowId,
  },
  Q2: {
    query: `query Q2($id: ID!) { organization(id: $id) { id slug name
      workspaces(first: 50) { nodes { id key name createdAt } pageInfo { hasNextPage } } } }`,
    variables: ({ organization }) => ({ id: globalId('Organization', organization) }),
    normal: byRowId,
  },
  Q3: {
    query: `query Q3($id: ID!) { organization(id: $id) { id name workspaces(first: 20) { nodes { id name
      members(first: 10) { nodes { role { key name } user { id fullName } } } } } } }`,
    variables: ({ organization }) => ({ id: globalId('Organization', organization) }),
    normal: byRowId,
  },
  Q4: {
    query: `query Q4($id: ID!, $filter: String!) { workspace(id: $id) { id
      members(first: 25, filter: $filter, orderBy: "display_name") {
        totalCount nodes { role { key } user { id fullName email } } } } }`,
    variables: ({ workspace }) => ({ id: globalId('Workspace', workspace), filter: 'role = WRITE' }),
    normal: (data) => ({ members: at(byRowId(data), 'workspace', 'members') }),
  },
  Q5: {
    query: `query Q5 { viewer { user { id fullName email }
      organizations(first: 10) { nodes { id slug name } }
      workspaces(first: 20) { nodes { id key name organization { name } } } } }`,
    variables: () => ({}),
    normal: byRowId,
  },
  M1: {
    query: `mutation M1($input: CreateWorkspaceInput!) { createWorkspace(input: $input) {
      ... on CreateWorkspacePayload { workspace { name version organization { name } } } ... on Error { message } } }`,
    variables: ({ organization, text }) => ({
      input: { organizationId: globalId('Organization', organization), name: text },
    }),
    normal: (data) => at(data, 'createWorkspace'),
  },
  M2: {
    query: `mutation M2($input: SetMemberRoleInput!) { setMemberRole(input: $input) {
      ... on SetMemberRolePayload { member { role { key } user { fullName } } } ... on Error { message } } }`,
    variables: ({ workspace, user, text }) => ({
      input: { scopeId: globalId('Workspace', workspace), userId: globalId('User', user), role: text },
    }),
    normal: (data) => at(data, 'setMemberRole'),
  },
  M3: {
    query: `mutation M3($input: AcceptInviteInput!) { acceptInvite(input: $input) {
      ... on AcceptInvitePayload { invite { status } scope { name } } ... on Error { message } } }`,
    variables: ({ text }) => ({ input: { token: text } }),
    normal: (data) => ({
      invite: {
        workspaceName: at(data, 'acceptInvite', 'scope', 'name'),
        state: at(data, 'acceptInvite', 'invite', 'status'),
      },
    }),
  },
}

const NAMES: Record<string, string> = {
  rowId: 'id',
  workspaceByRowId: 'workspace',
  organizationByRowId: 'organization',
  organizationByOrganizationId: 'organization',
  workspacesByOrganizationId: 'workspaces',
  createdAt: 'createdAt',
}

/** PostGraphile's own names, and times with an offset. Its users have their column's name. */
const fromPostgraphile = (data: unknown) =>
  rewritten(data, (key, value) => [NAMES[key] ?? key, key === 'createdAt' ? utc(value) : value])

const NEWEST = 'orderBy: [CREATED_AT_DESC, ROW_ID_DESC]'

export const POSTGRAPHILE: Record<string, Form> = {
  Q1: {
    query: `query Q1($id: UUID!) { workspaceByRowId(rowId: $id) {
      rowId key name description labels mlEnabled createdAt organizationByOrganizationId { rowId slug name } } }`,
    variables: ({ workspace }) => ({ id: workspace }),
    normal: fromPostgraphile,
  },
  Q2: {
    query: `query Q2($id: UUID!) { organizationByRowId(rowId: $id) { rowId slug name
      workspacesByOrganizationId(first: 50, ${NEWEST}) {
        nodes { rowId key name createdAt } pageInfo { hasNextPage } } } }`,
    variables: ({ organization }) => ({ id: organization }),
    normal: fromPostgraphile,
  },
  Q3: {
    query: `query Q3($id: UUID!) { organizationByRowId(rowId: $id) { rowId name
      workspacesByOrganizationId(first: 20, ${NEWEST}) { nodes { rowId name
        members(first: 10, orderBy: [CREATED_AT_DESC, GRANT_ID_DESC]) {
          nodes { role { key name } user { rowId fullName: name } } } } } } }`,
    variables: ({ organization }) => ({ id: organization }),
    normal: fromPostgraphile,
  },
  Q4: {
    query: `query Q4($id: UUID!, $role: String!) { workspaceByRowId(rowId: $id) { rowId
      members: listedMembers(first: 25, condition: { roleKey: $role }, orderBy: [FULL_NAME_ASC, GRANT_ID_ASC]) {
        totalCount nodes { roleKey userId fullName email } } } }`,
    variables: ({ workspace }) => ({ id: workspace, role: 'WRITE' }),
    normal: (data) => {
      const nodes: { roleKey: string; userId: string; fullName: string; email: string }[] =
        at(data, 'workspaceByRowId', 'members', 'nodes') ?? []
      const listed = nodes.map(({ roleKey, userId, fullName, email }) => ({
        role: { key: roleKey },
        user: { id: userId, fullName, email },
      }))
      const totalCount = at(data, 'workspaceByRowId', 'members', 'totalCount')
      return { members: { totalCount, nodes: listed } }
    },
  },
  Q5: {
    query: `query Q5($me: UUID!) { user: userByRowId(rowId: $me) { rowId fullName: name email }
      organizations: allOrganizations(first: 10, ${NEWEST}) { nodes { rowId slug name } }
      workspaces: allWorkspaces(first: 20, ${NEWEST}) {
        nodes { rowId key name organizationByOrganizationId { name } } } }`,
    variables: ({ user }) => ({ me: user }),
    normal: (data) => ({ viewer: fromPostgraphile(data) }),
  },
  M1: {
    query: `mutation M1($input: BenchCreateBenchWorkspaceInput!) { made: benchCreateBenchWorkspace(input: $input) {
      workspace: result { name version organizationByOrganizationId { name } } } }`,
    variables: ({ organization, text }) => ({ input: { organization, title: text } }),
    normal: (data) => fromPostgraphile(at(data, 'made')),
  },
  M2: {
    query: `mutation M2($input: BenchSetBenchRoleInput!) { set: benchSetBenchRole(input: $input) { result { key fullName } } }`,
    variables: ({ workspace, user, text }) => ({ input: { workspace, person: user, roleKey: text } }),
    normal: (data) => ({
      member: {
        role: { key: at(data, 'set', 'result', 'key') },
        user: { fullName: at(data, 'set', 'result', 'fullName') },
      },
    }),
  },
  M3: {
    query: `mutation M3($input: BenchAcceptBenchInviteInput!) { accept: benchAcceptBenchInvite(input: $input) {
      invite: result { workspaceName state } } }`,
    variables: ({ text }) => ({ input: { secret: text } }),
    normal: (data) => at(data, 'accept'),
  },
}

const same = (data: unknown) => data

export const MERCURIUS: Record<string, Form> = {
  Q1: {
    query: `query Q1($id: ID!) { workspace(id: $id) { ${WORKSPACE} } }`,
    variables: ({ workspace }) => ({ id: workspace }),
    normal: same,
  },
  Q2: {
    query: `query Q2($id: ID!) { organization(id: $id) { id slug name
      workspaces(first: 50) { nodes { id key name createdAt } pageInfo { hasNextPage } } } }`,
    variables: ({ organization }) => ({ id: organization }),
    normal: same,
  },
  Q3: {
    query: `query Q3($id: ID!) { organization(id: $id) { id name workspaces(first: 20) { nodes { id name
      members(first: 10) { nodes { role { key name } user { id fullName } } } } } } }`,
    variables: ({ organization }) => ({ id: organization }),
    normal: same,
  },
  Q4: {
    query: `query Q4($id: ID!, $role: String!) { members: membersOf(workspaceId: $id, role: $role, first: 25) {
      totalCount nodes { role { key } user { id fullName email } } } }`,
    variables: ({ workspace }) => ({ id: workspace, role: 'WRITE' }),
    normal: (data) => ({ members: at(data, 'members') }),
  },
  Q5: {
    query: `query Q5 { viewer { user { id fullName email } organizations(first: 10) { nodes { id slug name } }
      workspaces(first: 20) { nodes { id key name organization { name } } } } }`,
    variables: () => ({}),
    normal: same,
  },
  M1: {
    query: `mutation M1($organization: ID!, $name: String!) { workspace: createWorkspace(organizationId: $organization, name: $name) {
      name version organization { name } } }`,
    variables: ({ organization, text }) => ({ organization, name: text }),
    normal: same,
  },
  M2: {
    query: `mutation M2($workspace: ID!, $user: ID!, $role: String!) {
      member: setMemberRole(workspaceId: $workspace, userId: $user, role: $role) { role { key } user { fullName } } }`,
    variables: ({ workspace, user, text }) => ({ workspace, user, role: text }),
    normal: same,
  },
  M3: {
    query: `mutation M3($token: String!) { invite: acceptInvite(token: $token) { workspaceName state } }`,
    variables: ({ text }) => ({ token: text }),
    normal: same,
  },
}

export const FLOOR: Record<string, Form> = {
  Q1: { variables: ({ workspace }) => [workspace], normal: same },
  Q2: { variables: ({ organization }) => [organization], normal: same },
  Q3: { variables: ({ organization }) => [organization], normal: same },
  Q4: {
    variables: ({ workspace }) => [workspace],
    normal: (data) => ({ members: at(data, 'workspace', 'members') }),
  },
  Q5: { variables: () => [], normal: same },
  M1: { variables: ({ organization, text }) => [organization, text], normal: same },
  M2: { variables: ({ workspace, user, text }) => [workspace, user, text], normal: same },
  M3: { variables: ({ text }) => [text], normal: same },
}
