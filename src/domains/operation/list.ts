import { builder } from '../../graphql/builder.ts'
import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

export const OperationStateEnum = builder.enumType('OperationState', {
  description: 'How far an operation is.',
  values: {
    PENDING: { description: 'It waits for a process to begin.' },
    RUNNING: { description: 'A process is at it.' },
    SUCCEEDED: { description: 'It is through; single items may have been refused.' },
    FAILED: { description: 'It has ended before it was through; `error` says why.' },
    CANCELLED: { description: 'Somebody has cancelled it.' },
  } as const,
})

export const OperationActionEnum = builder.enumType('OperationAction', {
  description: 'What is done for one item.',
  values: {
    CREATE: { description: 'It is made.' },
    UPDATE: { description: 'It is changed.' },
    UNCHANGED: { description: 'It is as it should be.' },
    REFUSED: { description: 'Nothing is done; `error` says why.' },
  } as const,
})

/** Operations of an organization. */
export const operationList = defineList('Operation', {
  fields: {
    state: {
      kind: 'choice',
      names: ['state'],
      description: 'How far it is.',
      type: OperationStateEnum as never,
      values: ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
      path: ['state'],
    },
    validateOnly: {
      kind: 'flag',
      names: ['validate_only'],
      path: ['validateOnly'],
      description: 'Whether it is a plan that nobody carries out.',
    },
    createdAt: time('create', 'When it was asked for.'),
    updatedAt: time('update', 'When it last moved on.'),
  },
  orders: ['createdAt', 'updatedAt'],
  defaultOrder: 'create_time desc',
})

/** Items of an operation, in the order of the input. */
export const operationItemList = defineList('OperationItem', {
  fields: {
    key: text(['key'], ['key'], 'The key of the workspace.'),
    action: {
      kind: 'choice',
      names: ['action'],
      description: 'What is done, or would be.',
      type: OperationActionEnum as never,
      values: ['CREATE', 'UPDATE', 'UNCHANGED', 'REFUSED'],
      path: ['action'],
    },
    moved: {
      kind: 'flag',
      names: ['moved'],
      path: ['moved'],
      description: 'Whether something else was done than planned.',
    },
    position: {
      kind: 'integer',
      names: ['position'],
      path: ['position'],
      description: 'Its place in the input, from 0.',
    },
  },
  bare: 'key',
  orders: ['position', 'key'],
  defaultOrder: 'position',
})
