import { registerCapability } from '../../src/domains/capability/register-capability.ts'
import { createEventSubscription } from '../../src/domains/event-subscription/create-event-subscription.ts'
import { sendTestEvent } from '../../src/domains/event-subscription/send-test-event.ts'
import { installExtension } from '../../src/domains/extension/install-extension.ts'
import { decodeId, encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import type { Tenant } from './world.ts'

/** One of everything that is kept inside a workspace, and more of it for calls that change or remove one. */
export interface Inside {
  extensionId: string
  capabilityId: string
  subscriptionId: string
  attemptId: string
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
    // An address of documentation: whatever is sent there is refused before it leaves.
    const wanted = { workspaceId, url: 'https://192.0.2.1/hooks', types: ['*'] }
    return encodeId('EventSubscription', (await createEventSubscription(caller, wanted)).subscriptionId)
  }
  const subscriptionId = await subscription()
  const { attemptId } = await sendTestEvent(caller, decodeId(subscriptionId).id)
  return {
    extensionId: await extension(),
    capabilityId: await capability(),
    subscriptionId,
    attemptId: encodeId('DeliveryAttempt', attemptId),
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
