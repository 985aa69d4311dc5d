import { can, scopeOfRow } from '../../access/rules.ts'
import { errorType } from '../../graphql/errors.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { cancelOperation } from './cancel-operation.ts'
import { OperationEnded } from './errors.ts'
import { OperationStateEnum } from './list.ts'
import { visibleOperations } from './policy.ts'
import { Operation } from './types.ts'

const OperationEndedType = errorType(OperationEnded, {
  description: 'The operation has ended already.',
  fields: (t) => ({
    state: t.field({
      type: OperationStateEnum,
      description: 'How it has ended.',
      resolve: ({ state }) => state as 'SUCCEEDED',
    }),
  }),
})

/** The organization of an operation that the viewer sees. */
const operationOrganization = scopeOfRow('Operation', 'id', async (id, { db, viewer }) => {
  const operation = await db.operation.findFirst({
    where: { id, AND: [visibleOperations(viewer)] },
    select: { organizationId: true },
  })
  return operation && { kind: 'Organization', id: operation.organizationId }
})

defineMutation({
  name: 'cancelOperation',
  description:
    'Ends an operation before it is through. What is done stays, also its invites; of an ATOMIC one nothing is. For whoever asked for it, and for administrators.',
  gate: can('workspace:create', operationOrganization),
  input: (t) => ({ id: t.id({ required: true, description: 'Which operation.' }) }),
  errors: [OperationEndedType],
  resolve: (context, { id }) => cancelOperation(context, idOf(id, 'Operation')),
  payload: {
    description: 'The operation was cancelled.',
    fields: (t) => ({
      operation: t.field({
        type: Operation,
        description: 'The operation as it is now.',
        resolve: ({ operationId }, _args, context, info) =>
          payloadRow(context, info, 'Operation', operationId),
      }),
    }),
  },
})
