import { builder } from '../../graphql/builder.ts'
import { defineConnection } from '../../graphql/connection.ts'
import { Workspace } from '../workspace/types.ts'
import { OperationActionEnum } from './list.ts'

/** Why an item is refused, as the domain that plans it has stored it. */
interface ItemProblem {
  reason: string
  message: string
}

const OperationItemProblem = builder.objectRef<ItemProblem>('OperationItemProblem').implement({
  description: 'Why nothing is done for an item.',
  fields: (t) => ({
    reason: t.exposeString('reason', {
      description:
        'For programs: KEY_TAKEN, WORKSPACE_DELETED, FORBIDDEN, ROLE_UNKNOWN, ROLE_TOO_HIGH, SETTING_LOCKED, EMAIL_NOT_ALLOWED, INVITE_LIMIT or INVALID.',
    }),
    message: t.exposeString('message', { description: 'For people.' }),
  }),
})

interface Change {
  field: string
  before: unknown
  after: unknown
}

const OperationChange = builder.objectRef<Change>('OperationChange').implement({
  description: 'One value that is changed.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description:
        'What: `name`, `settings.features.maps`, `preferences.locale`, `members.ada@example.com`, `invites.ada@example.com` and the like.',
    }),
    before: t.expose('before', {
      type: 'JSON',
      nullable: true,
      description: 'What it was; null when there was nothing.',
    }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description: 'What it becomes; null when it is taken away.',
    }),
  }),
})

const OperationItem = builder.prismaObject('OperationItem', {
  description: 'One workspace of an operation: what is done for it, or would be.',
  select: { id: true, position: true },
  fields: (t) => ({
    position: t.exposeInt('position', { description: 'Its place in the input, from 0.' }),
    key: t.exposeString('key', { description: 'The key of the workspace.' }),
    planned: t.expose('planned', { type: OperationActionEnum, description: 'What the plan said.' }),
    action: t.expose('action', {
      type: OperationActionEnum,
      description: 'What was done; before `doneAt`, what the plan says.',
    }),
    moved: t.exposeBoolean('moved', {
      description: 'Whether something else was done than planned, because things had changed in between.',
    }),
    changes: t.field({
      type: [OperationChange],
      description: 'All that is changed, by field; of a new workspace, all that it has.',
      select: { changes: true },
      resolve: ({ changes }) =>
        Object.entries(changes as Record<string, Partial<Change>>).map(([field, { before, after }]) => ({
          field,
          before: before ?? null,
          after: after ?? null,
        })),
    }),
    workspace: t.field({
      type: Workspace,
      nullable: true,
      description: 'The workspace; null before it is made, and where the viewer does not see it.',
      select: { made: true },
      resolve: async ({ made }, _args, { access }) => {
        const id = (made as { workspaceId?: string } | null)?.workspaceId
        return id && (await access.onWorkspace(id)) ? ({ id } as never) : null
      },
    }),
    error: t.field({
      type: OperationItemProblem,
      nullable: true,
      description: 'Why it is refused; null otherwise.',
      select: { error: true },
      resolve: ({ error }) => error as ItemProblem | null,
    }),
    doneAt: t.expose('doneAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was carried out; null while it is planned only.',
    }),
  }),
})

export const OperationItemConnection = defineConnection('OperationItem', OperationItem)
