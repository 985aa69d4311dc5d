import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { can, organization, workspace } from '../../access/rules.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { idOf } from '../../graphql/ids.ts'
import { decodePosition, expiredPosition } from '../../platform/event-position.ts'
import { missing } from '../../platform/refusal.ts'
import { follow, type Told } from './feed.ts'
import { ORGANIZATION_LOG, visibleEvents, WORKSPACE_LOG } from './policy.ts'
import { Event } from './types.ts'
import { typesAsked } from './types-asked.ts'

interface LiveArgs {
  types?: readonly string[] | null
  after?: string | null
}

/**
 * The events of a log from now on, or from behind a position.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_TYPE`, `CURSOR_MISMATCH` or `CURSOR_EXPIRED`
 */
async function live(
  context: Context,
  organizationId: string,
  { types: asked, after }: LiveArgs,
  workspaceId?: string,
): Promise<AsyncIterable<Told>> {
  const types = typesAsked(asked)
  const start = after == null ? null : decodePosition(organizationId, after)
  const head = await context.db.eventStream.findUnique({ where: { id: organizationId } })
  const anchor = head?.anchorSequence ?? 0n
  if (start !== null && start < anchor) throw expiredPosition(anchor + 1n)
  return follow(context, organizationId, start ?? head?.lastSequence ?? 0n, (item) => {
    if (workspaceId !== undefined && item.workspaceId !== workspaceId) return false
    return types?.has(item.type) ?? true
  })
}

/**
 * The row of an event with what is selected of it, by one statement for all that were read with it: somebody who catches
 * up on thousands is not served one by one.
 */
async function rowOf(told: Told, context: Context, info: GraphQLResolveInfo): Promise<object> {
  const { id, batch } = told
  const query: { select?: object } = queryFromInfo({
    context,
    info,
    typeName: 'Event',
    select: { id: true } as never,
  })
  // What is asked of the entry alone, everybody who listens is served from the one read of it.
  if (Object.values(query.select ?? {}).every((selected) => selected === true)) return told
  batch.rows ??= context.db.logEntry
    .findMany({
      ...query,
      where: { id: { in: batch.ids }, AND: [visibleEvents(context.viewer)] },
    })
    .then((rows) => new Map((rows as { id: string }[]).map((row) => [row.id, row])))
  return (await batch.rows).get(id) ?? missing()
}

const how =
  'It is sent over SSE (`Accept: text/event-stream`), with a heartbeat in silence. Give the `cursor` of the last event that you have as `after`, and a subscription goes on behind it: nothing is lost while you were away. Permission and credentials are asked for again before each event; the first refusal is its last message.'

builder.subscriptionFields((t) => {
  const args = {
    types: t.arg.stringList({
      description:
        'Only events of these types: `member.added`, `member.*` for all about members, or `*` for all.',
    }),
    after: t.arg.string({
      description:
        'Only events behind this `Event.cursor` of the same organization; absent, those from now on. One that is older than what retention has left is refused with CURSOR_EXPIRED.',
    }),
  }
  return {
    organizationEvents: t.field({
      type: Event,
      nullable: true,
      description: `Each event of an organization when it is committed, in the order of its log. ${how} Needs \`organization:settings\`.`,
      args: { organizationId: t.arg.id({ required: true, description: 'Whose log.' }), ...args },
      extensions: { gate: can(ORGANIZATION_LOG, organization('organizationId')) },
      subscribe: (_root, { organizationId, ...asked }, context) =>
        live(context, idOf(organizationId, 'Organization'), asked) as never,
      resolve: (told, _args, context, info) => rowOf(told as Told, context, info) as never,
    }),
    workspaceEvents: t.field({
      type: Event,
      nullable: true,
      description: `Each event of a workspace when it is committed, in the order of its organization's log. ${how} Needs \`events:write\`.`,
      args: { workspaceId: t.arg.id({ required: true, description: 'Whose events.' }), ...args },
      extensions: { gate: can(WORKSPACE_LOG, workspace('workspaceId')) },
      subscribe: async (_root, { workspaceId, ...asked }, context) => {
        const id = idOf(workspaceId, 'Workspace')
        const { organizationId } = (await context.access.onWorkspace(id)) ?? missing()
        return live(context, organizationId, asked, id) as never
      },
      resolve: (told, _args, context, info) => rowOf(told as Told, context, info) as never,
    }),
  }
})
