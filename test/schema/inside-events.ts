import { expect } from 'vitest'
import { decodeId } from '../../src/graphql/ids.ts'
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

interface Step {
  as: string | null
  input: Input
  appends: (payload: Payload) => Appended[]
}

interface Entry {
  steps: () => Promise<Step[]>
  refusals: Record<string, (() => Promise<{ as: string | null; input: Input }>) | string>
}

const rowId = (row: unknown) => decodeId((row as { id: string }).id).id
const wrong = { theme: null, locale: 'no locale' }
const features = (enabled: boolean) => ({ features: [{ key: 'maps', enabled }] })

/**
 * What the mutations of settings, preferences, and what is kept inside a workspace append (E1).
 *
 * @param tenantOf makes a tenant
 * @param made calls a mutation and tells what it has made
 */
export function insideEntries(
  tenantOf: () => Promise<Tenant>,
  made: (name: string, as: string, input: Input, field: string) => Promise<string>,
): Record<string, Entry> {
  /** Calls by the owner of one tenant, and what their events have in common. */
  const place = async () => {
    const tenant = await tenantOf()
    const { owner, first, organizationId: organization } = tenant
    const of = { actor: owner.userId, organization, workspace: first.workspaceId }
    const make = (name: string, input: Input, field: string) =>
      made(name, owner.token, { workspaceId: first.id, ...input }, field)
    return { tenant, of, as: owner.token, workspaceId: first.id, make }
  }
  /** An input that is refused, in a tenant of its own. */
  const refused =
    (input: (here: Awaited<ReturnType<typeof place>>) => Input | Promise<Input>) => async () => {
      const here = await place()
      return { as: here.as, input: await input(here) }
    }
  const url = 'https://example.com/hooks'
  return {
    updateOrganizationSettings: {
      steps: async () => {
        const { tenant, of, as } = await place()
        const input = { organizationId: tenant.id, settings: features(true), locks: ['features.maps'] }
        const event: Appended = {
          type: 'organization.settings_updated',
          actor: of.actor,
          organization: of.organization,
          subject: ['Organization', of.organization],
          changes: {
            'features.maps': { before: null, after: true },
            locks: { before: [], after: ['features.maps'] },
          },
        }
        return [
          { as, input, appends: () => [event] },
          { as, input, appends: () => [] },
        ]
      },
      refusals: {
        VersionConflict: refused(({ tenant }) => ({ organizationId: tenant.id, expectedVersion: 99 })),
        ValidationError: refused(({ tenant }) => ({ organizationId: tenant.id, locks: ['nonsense'] })),
      },
    },
    updateWorkspaceSettings: {
      steps: async () => {
        const { of, as, workspaceId } = await place()
        const input = { workspaceId, settings: features(true) }
        const event: Appended = {
          type: 'workspace.settings_updated',
          ...of,
          subject: ['Workspace', of.workspace],
          changes: { 'features.maps': { before: null, after: true } },
        }
        return [
          { as, input, appends: () => [event] },
          { as, input, appends: () => [] },
        ]
      },
      refusals: {
        SettingLocked: refused(async ({ tenant, as, workspaceId }) => {
          const locked = { organizationId: tenant.id, locks: ['features'] }
          await made('updateOrganizationSettings', as, locked, 'organization')
          return { workspaceId, settings: features(true) }
        }),
        VersionConflict: refused(({ workspaceId }) => ({
          workspaceId,
          settings: features(true),
          expectedVersion: 99,
        })),
        ValidationError: refused(({ workspaceId }) => ({
          workspaceId,
          settings: { features: [{ key: 'a.b', enabled: true }] },
        })),
      },
    },
    updateWorkspacePreferences: {
      steps: async () => {
        const { of, as, workspaceId } = await place()
        const input = { workspaceId, theme: 'DARK' }
        const event: Appended = {
          type: 'workspace.preferences_updated',
          ...of,
          subject: ['Workspace', of.workspace],
          changes: { theme: { before: null, after: 'DARK' } },
        }
        return [
          { as, input, appends: () => [event] },
          { as, input, appends: () => [] },
        ]
      },
      refusals: { ValidationError: refused(({ workspaceId }) => ({ workspaceId, ...wrong })) },
    },
    updateViewerPreferences: {
      steps: async () => {
        const { of, as, workspaceId } = await place()
        const input = { workspaceId, locale: 'sv' }
        const event: Appended = {
          type: 'member.preferences_updated',
          ...of,
          subject: ['User', of.actor],
          changes: { locale: { before: null, after: 'sv' } },
        }
        return [
          { as, input, appends: () => [event] },
          { as, input, appends: () => [] },
        ]
      },
      refusals: {
        NotAMember: 'only a platform administrator from outside can see a workspace without being a member',
        ValidationError: refused(({ workspaceId }) => ({ workspaceId, ...wrong })),
      },
    },
    installExtension: {
      steps: async () => {
        const { of, as, workspaceId } = await place()
        const event = (payload: Payload): Appended => ({
          type: 'extension.installed',
          ...of,
          subject: ['ExtensionInstallation', rowId(payload.extension)],
          changes: { key: { after: 'charts' }, enabled: { after: true }, config: { after: {} } },
        })
        return [{ as, input: { workspaceId, key: 'charts' }, appends: (payload) => [event(payload)] }]
      },
      refusals: {
        AlreadyInstalled: refused(async ({ workspaceId, make }) => {
          await make('installExtension', { key: 'charts' }, 'extension')
          return { workspaceId, key: 'charts' }
        }),
        ValidationError: refused(({ workspaceId }) => ({ workspaceId, key: 'No' })),
      },
    },
    updateExtensionInstallation: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('installExtension', { key: 'charts' }, 'extension')
        const event: Appended = {
          type: 'extension.updated',
          ...of,
          subject: ['ExtensionInstallation', decodeId(id).id],
          changes: { enabled: { before: true, after: false } },
        }
        return [
          { as, input: { id, enabled: false }, appends: () => [event] },
          { as, input: { id, enabled: false }, appends: () => [] },
        ]
      },
      refusals: {
        ValidationError: refused(async ({ make }) => ({
          id: await make('installExtension', { key: 'charts' }, 'extension'),
          version: '',
        })),
      },
    },
    uninstallExtension: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('installExtension', { key: 'charts', version: '2' }, 'extension')
        const event: Appended = {
          type: 'extension.uninstalled',
          ...of,
          subject: ['ExtensionInstallation', decodeId(id).id],
          changes: { key: { before: 'charts' }, version: { before: '2' } },
        }
        return [{ as, input: { id }, appends: () => [event] }]
      },
      refusals: { ValidationError: 'its only field is an id' },
    },
    registerCapability: {
      steps: async () => {
        const { of, as, workspaceId } = await place()
        const event = (payload: Payload): Appended => ({
          type: 'capability.registered',
          ...of,
          subject: ['Capability', rowId(payload.capability)],
          changes: { name: { after: 'export' }, description: { after: '' }, metadata: { after: {} } },
        })
        return [{ as, input: { workspaceId, name: 'export' }, appends: (payload) => [event(payload)] }]
      },
      refusals: {
        CapabilityTaken: refused(async ({ workspaceId, make }) => {
          await make('registerCapability', { name: 'export' }, 'capability')
          return { workspaceId, name: 'export' }
        }),
        ValidationError: refused(({ workspaceId }) => ({ workspaceId, name: 'No' })),
      },
    },
    removeCapability: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('registerCapability', { name: 'export', version: '2' }, 'capability')
        const event: Appended = {
          type: 'capability.removed',
          ...of,
          subject: ['Capability', decodeId(id).id],
          changes: { name: { before: 'export' }, version: { before: '2' } },
        }
        return [{ as, input: { id }, appends: () => [event] }]
      },
      refusals: { ValidationError: 'its only field is an id' },
    },
    createEventSubscription: {
      steps: async () => {
        const { of, as, workspaceId } = await place()
        const event = (payload: Payload): Appended => ({
          type: 'subscription.created',
          ...of,
          subject: ['EventSubscription', rowId(payload.eventSubscription)],
          changes: {
            url: { after: url },
            types: { after: ['*'] },
            description: { after: '' },
            enabled: { after: true },
          },
        })
        return [{ as, input: { workspaceId, url, types: ['*'] }, appends: (payload) => [event(payload)] }]
      },
      refusals: {
        ValidationError: refused(({ workspaceId }) => ({ workspaceId, url: 'nowhere', types: ['*'] })),
      },
    },
    updateEventSubscription: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription')
        const event: Appended = {
          type: 'subscription.updated',
          ...of,
          subject: ['EventSubscription', decodeId(id).id],
          changes: { types: { before: ['*'], after: ['member.*'] } },
        }
        return [
          { as, input: { id, types: ['member.*'] }, appends: () => [event] },
          { as, input: { id, types: ['member.*'] }, appends: () => [] },
        ]
      },
      refusals: {
        ValidationError: refused(async ({ make }) => ({
          id: await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription'),
          types: [],
        })),
      },
    },
    deleteEventSubscription: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription')
        const event: Appended = {
          type: 'subscription.deleted',
          ...of,
          subject: ['EventSubscription', decodeId(id).id],
          changes: { url: { before: url }, types: { before: ['*'] } },
        }
        return [{ as, input: { id }, appends: () => [event] }]
      },
      refusals: { ValidationError: 'its only field is an id' },
    },
    rotateEventSubscriptionSecret: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription')
        const event: Appended = {
          type: 'subscription.secret_rotated',
          ...of,
          subject: ['EventSubscription', decodeId(id).id],
          changes: { overlapHours: { after: 24 } },
        }
        return [{ as, input: { id }, appends: () => [event] }]
      },
      refusals: {
        ValidationError: refused(async ({ make }) => ({
          id: await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription'),
          overlapHours: -1,
        })),
      },
    },
    replayEventSubscription: {
      steps: async () => {
        const { of, as, make } = await place()
        const id = await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription')
        const event: Appended = {
          type: 'subscription.replayed',
          ...of,
          subject: ['EventSubscription', decodeId(id).id],
          changes: { cursor: { before: expect.any(Number), after: 0 } },
        }
        return [{ as, input: { id, fromAt: '2020-01-01T00:00:00Z' }, appends: () => [event] }]
      },
      refusals: {
        ValidationError: refused(async ({ make }) => ({
          id: await make('createEventSubscription', { url, types: ['*'] }, 'eventSubscription'),
        })),
      },
    },
    sendTestEvent: {
      steps: async () => {
        const { as, make } = await place()
        // An address of documentation: it is refused before anything is sent.
        const nowhere = { url: 'https://192.0.2.1/hooks', types: ['*'] }
        const id = await make('createEventSubscription', nowhere, 'eventSubscription')
        return [{ as, input: { id }, appends: () => [] }]
      },
      refusals: { ValidationError: 'its only field is an id' },
    },
  }
}
