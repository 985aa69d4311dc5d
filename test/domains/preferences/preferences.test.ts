import { expect, test } from 'vitest'
import { removeMember } from '../../../src/domains/member/remove-member.ts'
import { setMemberRole } from '../../../src/domains/member/set-member-role.ts'
import { graphql } from '../../generated/index.ts'
import { useTestApp } from '../../kit/app.ts'
import { createWorld, type Person } from '../../kit/world.ts'

const app = useTestApp()
const world = () => createWorld(app.current)

const Preferences = graphql(`
  query Preferences($id: ID!) {
    workspace(id: $id) {
      preferences {
        locale timeZone theme weekStart landingPage
        workspace { locale timeZone theme weekStart landingPage }
        viewer { locale timeZone theme weekStart landingPage }
        effective {
          locale { value source } timeZone { value source } theme { value source }
          weekStart { value source } landingPage { value source }
        }
      }
    }
  }
`)

const ForAll = graphql(`
  mutation UpdateWorkspacePreferences($input: UpdateWorkspacePreferencesInput!) {
    updateWorkspacePreferences(input: $input) {
      __typename
      ... on ValidationError { issues { path message } }
      ... on UpdateWorkspacePreferencesPayload { workspace { preferences { locale } } }
    }
  }
`)

const ForMe = graphql(`
  mutation UpdateViewerPreferences($input: UpdateViewerPreferencesInput!) {
    updateViewerPreferences(input: $input) {
      __typename
      ... on UpdateViewerPreferencesPayload { workspace { preferences { locale } } }
    }
  }
`)

async function preferencesOf(id: string, { token }: Person) {
  const { data, errors } = await app.current.run(Preferences, { id }, token)
  expect(errors).toBeUndefined()
  if (!data.workspace) throw new Error('The workspace is not there')
  return data.workspace.preferences
}

const forAll = (workspaceId: string, patch: object, { token }: Person) =>
  app.current.run(ForAll, { input: { workspaceId, ...patch } }, token)
const forMe = (workspaceId: string, patch: object, { token }: Person) =>
  app.current.run(ForMe, { input: { workspaceId, ...patch } }, token)

const nothing = { locale: null, timeZone: null, theme: null, weekStart: null, landingPage: null }

test('S4 the own value counts, else that of the workspace, else the default', async () => {
  const { first, owner, grantee } = await world().tenant()
  const reader = await grantee(first.workspaceId, 'READ')
  expect(await preferencesOf(first.id, reader)).toEqual({
    locale: 'en',
    timeZone: 'UTC',
    theme: 'SYSTEM',
    weekStart: 'MONDAY',
    landingPage: 'overview',
    workspace: nothing,
    viewer: nothing,
    effective: {
      locale: { value: 'en', source: 'DEFAULT' },
      timeZone: { value: 'UTC', source: 'DEFAULT' },
      theme: { value: 'SYSTEM', source: 'DEFAULT' },
      weekStart: { value: 'MONDAY', source: 'DEFAULT' },
      landingPage: { value: 'overview', source: 'DEFAULT' },
    },
  })
  const shared = { locale: 'de-ch', timeZone: 'europe/zurich', landingPage: 'members/invites' }
  await forAll(first.id, { ...shared, theme: 'DARK', weekStart: 'SUNDAY' }, owner)
  await forMe(first.id, { theme: 'LIGHT', locale: 'fr' }, reader)
  expect(await preferencesOf(first.id, reader)).toMatchObject({
    locale: 'fr',
    timeZone: 'Europe/Zurich',
    theme: 'LIGHT',
    weekStart: 'SUNDAY',
    landingPage: 'members/invites',
    workspace: { locale: 'de-CH', theme: 'DARK' },
    viewer: { ...nothing, locale: 'fr', theme: 'LIGHT' },
    effective: {
      theme: { value: 'LIGHT', source: 'VIEWER' },
      timeZone: { value: 'Europe/Zurich', source: 'WORKSPACE' },
    },
  })
  expect(await preferencesOf(first.id, owner)).toMatchObject({ locale: 'de-CH', viewer: nothing })
})

test('S4 absent keeps, null takes away; what changes nothing appends no event', async () => {
  const { first, owner, organizationId } = await world().tenant()
  await forAll(first.id, { locale: 'it', theme: 'DARK' }, owner)
  await forAll(first.id, { theme: null }, owner)
  await forAll(first.id, { locale: 'it' }, owner)
  await forAll(first.id, { weekStart: null }, owner)
  await forMe(first.id, { locale: 'es' }, owner)
  await forMe(first.id, { locale: null, weekStart: 'SATURDAY' }, owner)
  await forMe(first.id, {}, owner)
  expect(await preferencesOf(first.id, owner)).toMatchObject({
    workspace: { ...nothing, locale: 'it' },
    viewer: { ...nothing, weekStart: 'SATURDAY' },
  })
  const events = await app.current.services.db.event.findMany({
    where: { organizationId, type: { endsWith: 'preferences_updated' } },
    orderBy: { sequence: 'asc' },
  })
  expect(events.map(({ type, subjectType, changes }) => [type, subjectType, changes])).toEqual([
    [
      'workspace.preferences_updated',
      'Workspace',
      { locale: { before: null, after: 'it' }, theme: { before: null, after: 'DARK' } },
    ],
    ['workspace.preferences_updated', 'Workspace', { theme: { before: 'DARK', after: null } }],
    ['member.preferences_updated', 'User', { locale: { before: null, after: 'es' } }],
    [
      'member.preferences_updated',
      'User',
      { locale: { before: 'es', after: null }, weekStart: { before: null, after: 'SATURDAY' } },
    ],
  ])
})

test('S4 a locale, a time zone or a page that does not exist is told, all at once', async () => {
  const { first, owner } = await world().tenant()
  const { data } = await forAll(
    first.id,
    { locale: 'en_US', timeZone: 'Mars/Olympus', landingPage: 'https://evil.example' },
    owner,
  )
  const { updateWorkspacePreferences: result } = data
  if (result?.__typename !== 'ValidationError') throw new Error(JSON.stringify(data))
  expect(result.issues.map(({ path }) => path)).toEqual(['locale', 'timeZone', 'landingPage'])
  for (const timeZone of ['+02:00', 'Nowhere', '']) {
    const refused = await forAll(first.id, { timeZone }, owner)
    expect(refused.data.updateWorkspacePreferences?.__typename, timeZone).toBe('ValidationError')
  }
  for (const timeZone of ['Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'UTC']) {
    await forAll(first.id, { timeZone }, owner)
    expect((await preferencesOf(first.id, owner)).timeZone).toBe(timeZone)
  }
})

test('S4 WRITE sets those of the workspace, READ only the own ones, a stranger none', async () => {
  const { first, grantee } = await world().tenant()
  const [reader, writer] = [
    await grantee(first.workspaceId, 'READ'),
    await grantee(first.workspaceId, 'WRITE'),
  ]
  const refused = await forAll(first.id, { locale: 'de' }, reader)
  expect(refused.errors?.[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    permission: 'preferences:write',
  })
  expect((await forAll(first.id, { locale: 'de' }, writer)).errors).toBeUndefined()
  expect((await forMe(first.id, { locale: 'sv' }, reader)).data.updateViewerPreferences).toMatchObject({
    workspace: { preferences: { locale: 'sv' } },
  })
  const stranger = await forMe(first.id, { locale: 'sv' }, await world().person())
  expect(stranger.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  const platformAdmin = await world().person({ platformAdmin: true })
  const outside = await forMe(first.id, { locale: 'sv' }, platformAdmin)
  expect(outside.data.updateViewerPreferences?.__typename).toBe('NotAMember')
})

test('S4 lesson 16: an override falls with the way into the workspace, and only then', async () => {
  const tenant = await world().tenant()
  const { first, owner, organizationId } = tenant
  const caller = await owner.caller()
  const inWorkspace = { kind: 'Workspace', id: first.workspaceId } as const
  const inOrganization = { kind: 'Organization', id: organizationId } as const
  const kept = async ({ userId }: Person) =>
    (await app.current.services.db.viewerPreferences.count({ where: { userId } })) > 0
  const person = async (organizationRole: string, workspaceRole?: string) => {
    const joined = await tenant.member(organizationRole)
    if (workspaceRole) await tenant.grant(joined, inWorkspace, workspaceRole)
    await forMe(first.id, { locale: 'sv' }, joined)
    expect(await kept(joined)).toBe(true)
    return joined
  }
  const leavesWorkspace = await person('MEMBER', 'READ')
  await removeMember(caller, { scope: inWorkspace, userId: leavesWorkspace.userId })
  expect(await kept(leavesWorkspace)).toBe(false)
  const leavesOrganization = await person('MEMBER', 'READ')
  await removeMember(caller, { scope: inOrganization, userId: leavesOrganization.userId })
  expect(await kept(leavesOrganization)).toBe(false)
  const demoted = await person('ADMIN')
  await setMemberRole(caller, { scope: inOrganization, userId: demoted.userId, role: 'MEMBER' })
  expect(await kept(demoted)).toBe(false)
  const staysByRole = await person('ADMIN', 'READ')
  await removeMember(caller, { scope: inWorkspace, userId: staysByRole.userId })
  expect(await kept(staysByRole)).toBe(true)
  const staysByGrant = await person('ADMIN', 'READ')
  await setMemberRole(caller, { scope: inOrganization, userId: staysByGrant.userId, role: 'MEMBER' })
  expect(await kept(staysByGrant)).toBe(true)
})
