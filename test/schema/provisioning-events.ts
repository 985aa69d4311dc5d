import { createRole } from '../../src/domains/role/create-role.ts'
import { updateWorkspaceSettings } from '../../src/domains/workspace/update-workspace-settings.ts'
import { decodeId } from '../../src/graphql/ids.ts'
import type { TestApp } from '../kit/app.ts'
import { createInside } from '../kit/inside.ts'
import { spareOperation } from '../kit/provisioning-calls.ts'
import type { Tenant } from '../kit/world.ts'

type Payload = Record<string, unknown>
type Input = Record<string, unknown>

interface Appended {
  type: string
  actor: string | null
  subject: [type: string, id: string | null]
  organization?: string | null
  workspace?: string | null
  changes?: Record<string, unknown>
}

interface Entry {
  steps: () => Promise<{ as: string | null; input: Input; appends: (payload: Payload) => Appended[] }[]>
  refusals: Record<string, (() => Promise<{ as: string | null; input: Input }>) | string>
}

const rowId = (row: unknown) => decodeId((row as { id: string }).id).id

/** A key that was used before, with another input. */
const used = async (app: TestApp, { owner }: Tenant, mutation: string, key: string) => {
  await app.services.db.idempotencyKey.create({
    data: { userId: owner.userId, mutation, key, digest: 'of another input' },
  })
}

/** What clones, provisioning and operations append (E1). What jobs do afterwards has tests of its own. */
export function provisioningEntries(
  app: { readonly current: TestApp },
  tenantOf: () => Promise<Tenant>,
): Record<string, Entry> {
  const as = async (input: (tenant: Tenant) => Input | Promise<Input>) => {
    const tenant = await tenantOf()
    return { as: tenant.owner.token, input: await input(tenant) }
  }
  /** Into an organization of the same owner, whose first workspace has somebody with a custom role. */
  const across = async (level: 'WRITE' | 'OWNER', more: Input) => {
    const [source, target] = [await tenantOf(), await tenantOf()]
    const { organizationId, first } = source
    const fields = { scope: 'WORKSPACE' as const, level, permissions: [] }
    await createRole(await source.owner.caller(), {
      organizationId,
      key: 'STEWARD',
      name: 'Helper',
      ...fields,
    })
    await source.grantee(first.workspaceId, 'STEWARD')
    await target.grant(source.owner, { kind: 'Organization', id: target.organizationId }, 'ADMIN')
    const input = { workspaceId: first.id, organizationId: target.id, name: 'Copy', ...more }
    return { target, call: { as: source.owner.token, input } }
  }
  /** Where another role goes by a name of the one that is to be made. */
  const named = async (name: string) => {
    const { target, call } = await across('WRITE', both)
    await createRole(await target.owner.caller(), {
      organizationId: target.organizationId,
      scope: 'WORKSPACE',
      key: 'OTHER',
      name,
      level: 'READ',
      permissions: [],
    })
    return call
  }
  const both = { include: { members: true, roles: true } }
  const clone = ({ first }: Tenant) => ({ workspaceId: first.id, name: 'Copy' })
  return {
    cloneWorkspace: {
      steps: async () => {
        const tenant = await tenantOf()
        const { owner, first, organizationId: organization } = tenant
        await updateWorkspaceSettings(await owner.caller(), {
          workspaceId: first.workspaceId,
          settings: { features: [{ key: 'maps', enabled: true }] },
        })
        await createInside(tenant, first.workspaceId)
        const input = { ...clone(tenant), include: { extensions: true } }
        return [
          { as: owner.token, input: { ...input, validateOnly: true }, appends: () => [] },
          {
            as: owner.token,
            input: { ...input, idempotencyKey: 'once' },
            appends: ({ workspace: made, plan }) => {
              const workspace = rowId(made)
              const of = { actor: owner.userId, organization, workspace }
              const subject: [string, string] = ['Workspace', workspace]
              const { key } = plan as { key: string }
              return [
                {
                  type: 'workspace.created',
                  ...of,
                  subject,
                  changes: {
                    name: { after: 'Copy' },
                    key: { after: key },
                    description: { after: '' },
                    labels: { after: [] },
                    clonedFrom: { after: first.workspaceId },
                  },
                },
                {
                  type: 'member.added',
                  ...of,
                  subject: ['Member', null],
                  changes: { userId: { after: owner.userId }, role: { after: 'OWNER' } },
                },
                {
                  type: 'workspace.settings_updated',
                  ...of,
                  subject,
                  changes: { 'features.maps': { before: null, after: true } },
                },
                {
                  type: 'extension.installed',
                  ...of,
                  subject: ['ExtensionInstallation', null],
                  changes: {
                    key: { after: (plan as { extensions: string[] }).extensions[0] },
                    enabled: { after: true },
                    config: { after: {} },
                  },
                },
              ]
            },
          },
          { as: owner.token, input: { ...input, idempotencyKey: 'once' }, appends: () => [] },
        ]
      },
      refusals: {
        KeyTaken: () => as((tenant) => ({ ...clone(tenant), key: 'general' })),
        RolesMissing: async () => (await across('WRITE', { include: { members: true } })).call,
        RoleTooHigh: async () => (await across('OWNER', both)).call,
        RoleNameTaken: () => named('Helper'),
        RoleKeyTaken: () => named('Steward'),
        IdempotencyConflict: () =>
          as(async (tenant) => {
            await used(app.current, tenant, 'cloneWorkspace', 'mine')
            return { ...clone(tenant), idempotencyKey: 'mine' }
          }),
        ValidationError: () => as((tenant) => ({ ...clone(tenant), name: '' })),
      },
    },
    provisionWorkspaces: {
      steps: async () => {
        const { id, owner, organizationId: organization } = await tenantOf()
        const input = {
          organizationId: id,
          mode: 'ATOMIC',
          workspaces: [{ key: 'one' }, { key: 'two', members: [{ email: 'a@example.com', role: 'nobody' }] }],
        }
        return [
          { as: owner.token, input: { ...input, validateOnly: true }, appends: () => [] },
          {
            as: owner.token,
            input,
            // One item is refused, so it is over at once.
            appends: ({ operation }) => {
              const subject: [string, string] = ['Operation', rowId(operation)]
              const of = { actor: owner.userId, organization, subject }
              return [
                {
                  type: 'operation.requested',
                  ...of,
                  changes: { kind: { after: 'PROVISION' }, mode: { after: 'ATOMIC' }, total: { after: 2 } },
                },
                {
                  type: 'operation.finished',
                  ...of,
                  changes: { state: { after: 'FAILED' }, done: { after: 0 }, failed: { after: 1 } },
                },
              ]
            },
          },
        ]
      },
      refusals: {
        PlanMoved: () =>
          as(async ({ id, owner, organizationId }) => {
            const input = { organizationId: id, workspaces: [{ key: 'one' }] }
            const { data } = await app.current.run<{ made: { operation: { id: string } } }>(
              `mutation ($input: ProvisionWorkspacesInput!) { made: provisionWorkspaces(input: $input) {
                ... on ProvisionWorkspacesPayload { operation { id } } } }`,
              { input: { ...input, validateOnly: true } },
              owner.token,
            )
            const databaseName = `taken_${decodeId(id).id.replaceAll('-', '_')}`
            await app.current.services.db.workspace.create({
              data: { organizationId, key: 'one', name: 'One', databaseName },
            })
            return { ...input, planId: data.made.operation.id }
          }),
        IdempotencyConflict: () =>
          as(async (tenant) => {
            await used(app.current, tenant, 'provisionWorkspaces', 'mine')
            return { organizationId: tenant.id, workspaces: [{ key: 'one' }], idempotencyKey: 'mine' }
          }),
        ValidationError: () => as(({ id }) => ({ organizationId: id, workspaces: [] })),
      },
    },
    cancelOperation: {
      steps: async () => {
        const tenant = await tenantOf()
        const { owner, organizationId: organization } = tenant
        const id = await spareOperation({ app: app.current, tenant })
        const event: Appended = {
          type: 'operation.cancelled',
          actor: owner.userId,
          organization,
          subject: ['Operation', decodeId(id).id],
          changes: { state: { after: 'CANCELLED' }, done: { after: 0 }, failed: { after: 0 } },
        }
        return [{ as: owner.token, input: { id }, appends: () => [event] }]
      },
      refusals: {
        OperationEnded: () =>
          as(async (tenant) => ({
            id: await spareOperation({ app: app.current, tenant }, { validateOnly: true }),
          })),
        ValidationError: 'its only field is an id',
      },
    },
  }
}
