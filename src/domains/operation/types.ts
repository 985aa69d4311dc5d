import { isVerified } from '../../access/rules.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { missing } from '../../platform/refusal.ts'
import type { OperationProblem } from './ended.ts'
import { OperationItemConnection } from './item-type.ts'
import { OperationStateEnum, operationItemList, operationList } from './list.ts'
import { visibleOperations } from './policy.ts'

const OperationKindEnum = builder.enumType('OperationKind', {
  description: 'What an operation is for.',
  values: { PROVISION: { description: 'It provisions workspaces.' } } as const,
})

export const OperationModeEnum = builder.enumType('OperationMode', {
  description: 'What happens to the other items when one is refused.',
  values: {
    ATOMIC: {
      description:
        'Nothing is done for any of them. All is one transaction: nobody sees a part, and people of the organization can not be changed while it commits.',
    },
    BEST_EFFORT: { description: 'They are done, in batches that each are one transaction.' },
  } as const,
})

const OperationErrorReason = builder.enumType('OperationErrorReason', {
  description: 'Why an operation has failed, for programs.',
  values: {
    ITEMS_REFUSED: { description: 'An item of an atomic operation is refused.' },
    REQUESTER_WITHDRAWN: {
      description: 'Whoever asked for it, or their access token, may not create workspaces there any more.',
    },
    INTERNAL: { description: 'It could not be carried out, though it was tried several times.' },
  } as const,
})

const OperationErrorType = builder.objectRef<OperationProblem>('OperationProblem').implement({
  description: 'Why an operation has failed as a whole.',
  fields: (t) => ({
    reason: t.field({
      type: OperationErrorReason,
      description: 'For programs.',
      resolve: ({ reason }) => reason,
    }),
    message: t.exposeString('message', { description: 'For people.' }),
  }),
})

interface Counts {
  create: number
  update: number
  unchanged: number
  refused: number
}

const OperationPlanType = builder.objectRef<Counts>('OperationPlan').implement({
  description: 'How many items the plan had of each action.',
  fields: (t) => ({
    create: t.exposeInt('create', { description: 'To be made.' }),
    update: t.exposeInt('update', { description: 'To be changed.' }),
    unchanged: t.exposeInt('unchanged', { description: 'As they should be.' }),
    refused: t.exposeInt('refused', { description: 'Refused.' }),
  }),
})

const OperationProgressType = builder
  .objectRef<{ total: number; done: number; failed: number }>('OperationProgress')
  .implement({
    description: 'How many items are through.',
    fields: (t) => ({
      total: t.exposeInt('total', { description: 'All of them.' }),
      done: t.exposeInt('done', {
        description: 'Made, changed, or found as they should be; planned, where it is a plan only.',
      }),
      failed: t.exposeInt('failed', { description: 'Refused.' }),
    }),
  })

export const Operation = builder.prismaNode('Operation', {
  description:
    'Work that goes on behind the answer to a mutation, and what became of it. Seen by whoever asked for it, while they may create workspaces there, and by administrators of the organization.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleOperations(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    kind: t.expose('kind', { type: OperationKindEnum, description: 'What it is for.' }),
    mode: t.expose('mode', { type: OperationModeEnum, description: 'What a refused item means for others.' }),
    state: t.expose('state', { type: OperationStateEnum, description: 'How far it is.' }),
    validateOnly: t.exposeBoolean('validateOnly', {
      description: 'Whether it is a plan only: its id is what `planId` takes.',
    }),
    plan: t.field({
      type: OperationPlanType,
      description: 'How many items the plan had of each action.',
      select: { planned: true },
      resolve: ({ planned }) => planned as unknown as Counts,
    }),
    progress: t.field({
      type: OperationProgressType,
      description: 'How many items are through.',
      select: { total: true, done: true, failed: true },
      resolve: (counts) => counts,
    }),
    error: t.field({
      type: OperationErrorType,
      nullable: true,
      description: 'Why it has failed; null otherwise.',
      select: { error: true },
      resolve: ({ error }) => error as OperationProblem | null,
    }),
    requestedBy: t.relation('requestedBy', {
      nullable: true,
      description: 'Who asked for it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a process began; null before.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null before.',
    }),
    items: t.field(
      relationList('Operation.items', 'items', {
        type: OperationItemConnection,
        list: operationItemList,
        description: 'One for each workspace, in the order of the input.',
        where: () => ({}),
      }) as never,
    ),
  }),
})

const OperationConnection = defineConnection('Operation', Operation)

builder.prismaObjectField('Organization', 'operations', (t) =>
  t.field(
    relationList('Organization.operations', 'operations', {
      type: OperationConnection,
      list: operationList,
      description:
        'Its operations and plans, newest first: those that the viewer asked for, while they may create workspaces here; all of them for administrators.',
      where: ({ viewer }) => visibleOperations(viewer),
    }) as never,
  ),
)

builder.queryField('operation', (t) =>
  t.prismaField({
    type: Operation,
    nullable: true,
    description: 'One operation, if the viewer sees it: for whoever asked for it, and for administrators.',
    args: { id: t.arg.id({ required: true, description: 'The id of an operation.' }) },
    extensions: { gate: isVerified },
    resolve: async (query, _root, { id }, { db, viewer }) =>
      (await db.operation.findUnique({
        ...query,
        where: { id: idOf(id, 'Operation'), AND: [visibleOperations(viewer)] },
      })) ?? missing(),
  }),
)
