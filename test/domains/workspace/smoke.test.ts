import { expect, test } from 'vitest'
import { useTestApp } from '../../kit/app.ts'
import { createWorld } from '../../kit/world.ts'

const app = useTestApp()
test('smoke', async () => {
  const world = createWorld(app.current)
  const t = await world.tenant()
  for (let i = 0; i < 5; i++) await t.workspace({ name: 'W ' + i })
  for (const f of ['viewerRole { key }', 'viewerMember { source }', 'viewerRole { key } viewerMember { source }', 'viewerRole { key permissions memberCount }', 'memberCount', 'members { totalCount }', 'members { totalCount nodes { role { key } user { email } } } memberCount', 'roles { nodes { key } }', 'roles { totalCount }', 'createdBy { fullName email } updatedBy { email }', 'invites { totalCount nodes { scope { name id } role { key } } }', 'viewerAccess viewerPermissions url', 'a: members(first: 1) { nodes { id } } b: members(first: 2) { nodes { id } }', 'organization { name roles { nodes { key } } } roles { nodes { key } }']) {
    app.current.statements.length = 0
    const a = await app.current.run<any>(`query($id: ID!) { organization(id: $id) { workspaces { nodes { id ${f} } } } }`, { id: t.id }, t.owner.token)
    console.log(f, app.current.statements.length, JSON.stringify(a.errors ?? a).slice(0, 120))
    if (app.current.statements.length > 3) console.log(app.current.statements.slice(2, 4).map(s=>s.slice(0,300)).join('\n'))
  }
})
