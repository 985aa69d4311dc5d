import { createInvites } from '../../src/domains/invite/create-invites.ts'
import { registerResource } from '../../src/domains/resource/register-resource.ts'
import { createRole } from '../../src/domains/role/create-role.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { hashToken, newToken } from '../../src/platform/secrets.ts'
import type { TestApp } from './app.ts'
import { createInside, type Inside, withoutSpareInside } from './inside.ts'
import type { ScopeName } from './sample-calls.ts'
import type { Person, Tenant, World } from './world.ts'

/** A tenant with one of everything: what calls of a test name, and what nobody else may see. */
export interface Place {
  app: TestApp
  world: World
  tenant: Tenant
  workspace: { workspaceId: string; id: string }
  /** Somebody of the organization with a direct role on the workspace. */
  grantee: Person
  /** A bucket in the workspace. */
  resourceId: string
  /** What is kept inside the workspace. */
  inside: Inside
  customRoleId: string
  organizationInviteId: string
  workspaceInviteId: string
  /** The token of the invite to the workspace. */
  inviteToken: string
  /** The id of a new member of the organization, for a call that changes them. */
  spareMember(): Promise<string>
  /** The id of a new member with READ on the workspace. */
  spareGrantee(): Promise<string>
  /** The id of a new resource in the workspace. */
  spareResource(): Promise<string>
  /** The id of a new custom role for workspaces. */
  spareRole(): Promise<string>
  /** The id of a new invite to the organization, or to the workspace. */
  spareInvite(to: ScopeName): Promise<string>
}

/** Builds a tenant with a second workspace, a member, a direct grant, and an invite to each scope. */
export async function createPlace(app: TestApp, world: World): Promise<Place> {
  const tenant = await world.tenant()
  const workspace = await tenant.workspace({ description: `Of ${tenant.slug}`, labels: [tenant.slug] })
  const grantee = await tenant.grantee(workspace.workspaceId, 'WRITE')
  let spares = 0
  const invite = async (to: ScopeName) => {
    const email = `guest-${to}-${++spares}@${tenant.slug}.example.com`
    const [scope, role] =
      to === 'organization'
        ? [{ kind: 'Organization', id: tenant.organizationId } as const, 'MEMBER']
        : [{ kind: 'Workspace', id: workspace.workspaceId } as const, 'READ']
    await createInvites(await tenant.owner.caller(), { scope, invites: [{ email, role }] })
    return app.services.db.invite.findFirstOrThrow({ where: { email } })
  }
  const spareRole = async () => {
    const { roleId } = await createRole(await tenant.owner.caller(), {
      organizationId: tenant.organizationId,
      scope: 'WORKSPACE',
      name: `Spare ${++spares}`,
      level: 'READ',
      permissions: [],
    })
    return encodeId('Role', roleId)
  }
  const toOrganization = await invite('organization')
  const toWorkspace = await invite('workspace')
  // The raw token is in the mail alone; a known one takes its place.
  const inviteToken = newToken()
  await app.services.db.invite.update({
    where: { id: toWorkspace.id },
    data: { tokenHash: hashToken(inviteToken) },
  })
  const resource = async () => {
    const { resourceId } = await registerResource(await tenant.owner.caller(), {
      workspaceId: workspace.workspaceId,
      kind: 'BUCKET',
      name: newToken(),
    })
    return encodeId('Resource', resourceId)
  }
  return {
    app,
    world,
    tenant,
    workspace,
    grantee,
    resourceId: await resource(),
    inside: await createInside(tenant, workspace.workspaceId),
    organizationInviteId: encodeId('Invite', toOrganization.id),
    workspaceInviteId: encodeId('Invite', toWorkspace.id),
    inviteToken,
    spareMember: async () => (await tenant.member()).id,
    spareGrantee: async () => (await tenant.grantee(workspace.workspaceId, 'READ')).id,
    spareResource: resource,
    customRoleId: await spareRole(),
    spareRole,
    spareInvite: async (to) => encodeId('Invite', (await invite(to)).id),
  }
}

/** The same place for calls that must change nobody: the grantee is there for all of them. */
export function withoutSpares(place: Place): Place {
  const spare = async () => place.grantee.id
  return {
    ...place,
    spareMember: spare,
    spareGrantee: spare,
    spareResource: async () => place.resourceId,
    inside: withoutSpareInside(place.inside),
    spareRole: async () => place.customRoleId,
    spareInvite: async (to) => (to === 'organization' ? place.organizationInviteId : place.workspaceInviteId),
  }
}
