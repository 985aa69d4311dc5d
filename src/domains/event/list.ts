import { idOf, typedIdOf } from '../../graphql/ids.ts'
import { text } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'
import { SUBJECT_TYPES } from '../../platform/events.ts'

/** The audit trail, filtered by what happened, who did it, to what, and when (E2). */
export const auditList = defineList('Event', {
  fields: {
    type: text(['type'], ['type'], 'What happened, as in `member.added`; `member.*` for all about members.'),
    actor: {
      kind: 'term',
      names: ['actor'],
      description: 'Who did it: the id of a person, or the address that they have now.',
      through: null,
      match: (value) =>
        value.includes('@') ? { actor: { is: { email: value } } } : { actorId: idOf(value, 'User') },
      absent: { actorId: null },
    },
    subject: {
      kind: 'term',
      names: ['subject'],
      description: 'What it happened to: the id of anything.',
      through: null,
      match: (value) => {
        const { typename, id } = typedIdOf(value, ...SUBJECT_TYPES)
        return { subjectType: typename, subjectId: id }
      },
    },
    subjectType: text(
      ['subject_type'],
      ['subjectType'],
      'What kind of thing it happened to, as in `Member`.',
    ),
    workspace: {
      kind: 'term',
      names: ['workspace'],
      description: 'In which workspace it happened: its id.',
      through: null,
      match: (value) => ({ workspaceId: idOf(value, 'Workspace') }),
      absent: { workspaceId: null },
    },
    createdAt: {
      kind: 'time',
      names: ['time', 'create_time', 'created_time', 'created_at'],
      path: ['createdAt'],
      description: 'When it happened.',
    },
    sequence: {
      kind: 'integer',
      names: ['sequence'],
      path: ['sequence'],
      description: 'Its number in the log of the organization.',
    },
    requestId: {
      ...text(['request_id'], ['requestId'], 'The request that it happened in.'),
      absent: { requestId: null },
    },
  },
  bare: 'type',
  orders: ['sequence'],
  defaultOrder: 'sequence desc',
})
