import { randomBytes } from 'node:crypto'
import type { Permission } from '../../src/access/permissions.ts'
import type { Place } from './place.ts'
import type { SampleCall, SampleNode } from './sample-calls.ts'

const unique = () => randomBytes(5).toString('hex')
const call = (
  permission: Permission,
  args: (place: Place) => object | Promise<object>,
  more: Partial<SampleCall> = {},
): SampleCall[] => [
  {
    needs: { permission, on: permission.startsWith('organization:') ? 'organization' : 'workspace' },
    args: async (place) => ({ input: await args(place) }),
    ...more,
  },
]

/** Settings, preferences, and what is kept inside a workspace. */
export const insideCalls: Record<string, SampleCall[]> = {
  'Mutation.updateOrganizationSettings': call('organization:settings', ({ tenant }) => ({
    organizationId: tenant.id,
    settings: { features: [{ key: `f${unique()}`, enabled: true }] },
  })),
  'Mutation.updateWorkspaceSettings': call('settings:write', ({ workspace }) => ({
    workspaceId: workspace.id,
    settings: { features: [{ key: `f${unique()}`, enabled: true }] },
  })),
  'Mutation.updateWorkspacePreferences': call('preferences:write', ({ workspace }) => ({
    workspaceId: workspace.id,
    landingPage: `p${unique()}`,
  })),
  // A platform administrator from outside has no override; the answer depends on the caller, so nothing is changed.
  'Mutation.updateViewerPreferences': call(
    'workspace:read',
    ({ workspace }) => ({ workspaceId: workspace.id, locale: 'no locale' }),
    { answers: 'ValidationError' },
  ),
  'Mutation.installExtension': call('extension:write', ({ workspace }) => ({
    workspaceId: workspace.id,
    key: unique(),
  })),
  'Mutation.updateExtensionInstallation': call('extension:write', async ({ inside }) => ({
    id: await inside.spareExtension(),
    version: unique(),
  })),
  'Mutation.uninstallExtension': call('extension:write', async ({ inside }) => ({
    id: await inside.spareExtension(),
  })),
  'Mutation.registerCapability': call('capability:write', ({ workspace }) => ({
    workspaceId: workspace.id,
    name: `c-${unique()}`,
  })),
  'Mutation.removeCapability': call('capability:write', async ({ inside }) => ({
    id: await inside.spareCapability(),
  })),
  'Mutation.createEventSubscription': call('events:write', ({ workspace }) => ({
    workspaceId: workspace.id,
    url: 'https://example.com/hooks',
    types: ['*'],
  })),
  'Mutation.updateEventSubscription': call('events:write', async ({ inside }) => ({
    id: await inside.spareSubscription(),
    description: unique(),
  })),
  'Mutation.deleteEventSubscription': call('events:write', async ({ inside }) => ({
    id: await inside.spareSubscription(),
  })),
  'Mutation.rotateEventSubscriptionSecret': call('events:write', async ({ inside }) => ({
    id: await inside.spareSubscription(),
  })),
  'Mutation.replayEventSubscription': call('events:write', async ({ inside }) => ({
    id: await inside.spareSubscription(),
    fromAt: '2020-01-01T00:00:00Z',
  })),
  'Mutation.sendTestEvent': call('events:write', async ({ inside }) => ({
    id: await inside.spareSubscription(),
  })),
}

/** One row of each type that is kept inside a workspace. */
export const insideNodes: Record<string, (place: Place) => SampleNode[]> = {
  ExtensionInstallation: ({ inside }) => [{ id: inside.extensionId, needs: { sees: 'workspace' } }],
  Capability: ({ inside }) => [{ id: inside.capabilityId, needs: { sees: 'workspace' } }],
  EventSubscription: ({ inside }) => [
    { id: inside.subscriptionId, needs: { sees: 'workspace', holding: 'events:write' } },
  ],
  DeliveryAttempt: ({ inside }) => [
    { id: inside.attemptId, needs: { sees: 'workspace', holding: 'events:write' } },
  ],
}
