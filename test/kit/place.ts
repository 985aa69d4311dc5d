import { createInvites } from '../../src/domains/invite/create-invites.ts'
import { registerResource } from '../../src/domains/resource/register-resource.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { hashToken, newToken } from '../../src/platform/secrets.ts'
import type { TestApp } from './app.ts'
import { createInside, type Inside, withoutSpareInside } from './inside.ts'
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
}

/** Builds a tenant with a second workspace, a member, a direct grant, and an invite to each scope. */
export async function createPlace(app: TestApp, world: World): Promise<Place> {
  const tenant = await world.tenant()
  const workspace = await tenant.workspace({ description: `Of ${tenant.slug}`, labels: [tenant.slug] })
  const grantee = await tenant.grantee(workspace.workspaceId, 'WRITE')
  const invite = async (kind: 'Organization' | 'Workspace', id: string, role: string) => {
    const email = `guest-${kind.toLowerCase()}@${tenant.slug}.example.com`
    await createInvites(await tenant.owner.caller(), { scope: { kind, id }, invites: [{ email, role }] })
    return app.services.db.invite.findFirstOrThrow({ where: { email } })
  }
  const toOrganization = await invite('Organization', tenant.organizationId, 'MEMBER')
  const toWorkspace = await invite('Workspace', workspace.workspaceId, 'READ')
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
  }
}
