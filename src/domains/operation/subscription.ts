import { can, scopeOfRow } from '../../access/rules.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { idOf } from '../../graphql/ids.ts'
import { missing } from '../../platform/refusal.ts'
import { visibleOperations } from './policy.ts'
import { Operation } from './types.ts'
import { watchOperation } from './watch-operation.ts'

const organizationOf = scopeOfRow('Operation', 'id', async (id, { db, viewer }: Context) => {
  const operation = await db.operation.findFirst({
    where: { id, AND: [visibleOperations(viewer)] },
    select: { organizationId: true },
  })
  return operation && { kind: 'Organization', id: operation.organizationId }
})

builder.subscriptionField('operationProgress', (t) =>
  t.prismaField({
    type: Operation,
    nullable: true,
    description:
      'An operation as it is now, then whenever it has moved on, until it has ended. A slow client gets one event for many. Refused like `operation`, also while it goes on.',
    args: { id: t.arg.id({ required: true, description: 'The id of an operation.' }) },
    extensions: { gate: can('workspace:create', organizationOf) },
    subscribe: (_root, { id }, context) => watchOperation(context, idOf(id, 'Operation')) as never,
    resolve: async (query, _event, { id }, { db, viewer }) =>
      (await db.operation.findUnique({
        ...query,
        where: { id: idOf(id, 'Operation'), AND: [visibleOperations(viewer)] },
      })) ?? missing(),
  }),
)
