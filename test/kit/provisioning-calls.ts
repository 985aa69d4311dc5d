import { encodeId } from '../../src/graphql/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { newToken } from '../../src/platform/secrets.ts'
import type { Place } from './place.ts'
import type { Needs, SampleCall, SampleNode } from './sample-calls.ts'

/** Whoever asked for it, which no actor did, and administrators of the organization. */
const administrators: Needs = { sees: 'organization', holding: 'organization:settings' }

const creators = { permission: 'workspace:create', on: 'organization' } as const

/** An operation of the owner that nobody carries out: there is no job for it. */
export async function spareOperation(
  { app, tenant: { organizationId, owner } }: Pick<Place, 'app' | 'tenant'>,
  more: { validateOnly?: boolean } = {},
): Promise<string> {
  const { db } = app.services
  const id = newId()
  await db.operation.create({
    data: {
      id,
      organizationId,
      kind: 'PROVISION',
      mode: 'BEST_EFFORT',
      requestedById: owner.userId,
      input: { templateId: null },
      digest: newToken(),
      planned: { create: 1, update: 0, unchanged: 0, refused: 0 },
      total: 1,
      ...(more.validateOnly
        ? { validateOnly: true, state: 'SUCCEEDED', finishedAt: new Date() }
        : { validateOnly: false }),
      items: {
        create: [
          { position: 0, key: 'wanted', desired: { key: 'wanted' }, planned: 'CREATE', action: 'CREATE' },
        ],
      },
    },
  })
  return encodeId('Operation', id)
}

/** One operation of a place, the same however often it is asked for. */
async function operationOf(place: Place): Promise<string> {
  const { organizationId } = place.tenant
  const present = await place.app.services.db.operation.findFirst({
    where: { organizationId, state: 'PENDING' },
    orderBy: { createdAt: 'asc' },
  })
  return present ? encodeId('Operation', present.id) : spareOperation(place)
}

/** Clones, provisioning and operations. */
export const provisioningCalls: Record<string, SampleCall[]> = {
  'Query.operation': [
    {
      needs: administrators,
      args: async (place) => ({ id: await operationOf(place) }),
      answers: 'Operation',
    },
  ],
  'Subscription.operationProgress': [
    {
      needs: administrators,
      args: async (place) => ({ id: await operationOf(place) }),
      answers: 'Operation',
    },
  ],
  'Mutation.cancelOperation': [
    { needs: administrators, args: async (place) => ({ input: { id: await spareOperation(place) } }) },
  ],
  'Mutation.cloneWorkspace': [
    {
      needs: {
        permission: 'workspace:clone',
        on: 'workspace',
        also: { permission: 'workspace:create', on: 'organization' },
      },
      args: ({ tenant, workspace }) => ({
        input: { workspaceId: workspace.id, organizationId: tenant.id, name: 'Copy' },
      }),
    },
  ],
  'Mutation.provisionWorkspaces': [
    {
      needs: creators,
      args: ({ tenant }) => ({
        input: { organizationId: tenant.id, workspaces: [{ key: 'general' }], validateOnly: true },
      }),
    },
    {
      needs: { ...creators, also: { permission: 'workspace:clone', on: 'workspace' } },
      args: async (place) => ({
        input: {
          organizationId: place.tenant.id,
          workspaces: [{ key: 'general' }],
          templateWorkspaceId: place.workspace.id,
          // It was made of another input.
          planId: await spareOperation(place, { validateOnly: true }),
        },
      }),
      answers: 'ValidationError',
    },
  ],
}

/** An operation of the owner. */
export const provisioningNodes: Record<string, (place: Place) => Promise<SampleNode[]>> = {
  Operation: async (place) => [{ id: await operationOf(place), needs: administrators }],
}
