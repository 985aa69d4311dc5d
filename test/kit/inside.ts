import { registerCapability } from '../../src/domains/capability/register-capability.ts'
import { createEventSubscription } from '../../src/domains/event-subscription/create-event-subscription.ts'
import { installExtension } from '../../src/domains/extension/install-extension.ts'
import { encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import type { Tenant } from './world.ts'

/** One of everything that is kept inside a workspace, and more of it for calls that change or remove one. */
export interface Inside {
  extensionId: string
  capabilityId: string
  subscriptionId: string
  spareExtension(): Promise<string>
  spareCapability(): Promise<string>
  spareSubscription(): Promise<string>
}

/** Installs an extension, registers a capability and subscribes an address, as the owner. */
export async function createInside({ owner }: Tenant, workspaceId: string): Promise<Inside> {
  const caller = await owner.caller()
  const extension = async () =>
    encodeId(
      'ExtensionInstallation',
      (await installExtension(caller, { workspaceId, key: newId() })).extensionId,
    )
  const capability = async () =>
    encodeId(
      'Capability',
      (await registerCapability(caller, { workspaceId, name: `c-${newId()}` })).capabilityId,
    )
  const subscription = async () => {
    const wanted = { workspaceId, url: 'https://example.com/hooks', types: ['*'] }
    return encodeId('EventSubscription', (await createEventSubscription(caller, wanted)).subscriptionId)
  }
  return {
    extensionId: await extension(),
    capabilityId: await capability(),
    subscriptionId: await subscription(),
    spareExtension: extension,
    spareCapability: capability,
    spareSubscription: subscription,
  }
}

/** The same without new rows: the first ones are there for all calls. */
export const withoutSpareInside = (inside: Inside): Inside => ({
  ...inside,
  spareExtension: async () => inside.extensionId,
  spareCapability: async () => inside.capabilityId,
  spareSubscription: async () => inside.subscriptionId,
})
