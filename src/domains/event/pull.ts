import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { can, organization } from '../../access/rules.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { builder } from '../../graphql/builder.ts'
import { type Connection, NODE_PATHS, pageArgs } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { type PageArgs, pageOf } from '../../graphql/lists/page.ts'
import { decodePosition, encodePosition, expiredPosition } from '../../platform/event-position.ts'
import { ORGANIZATION_LOG } from './policy.ts'
import { EventConnection } from './types.ts'
import { typesAsked } from './types-asked.ts'

interface PullArgs extends PageArgs {
  organizationId: string
  types?: readonly string[] | null
}

/**
 * A page of an organization's log behind a position (E5). The head is read first: whatever has a sequence up to it is
 * committed, for the head's lock orders commits. So a position never moves over an event that is still to come.
 *
 * @throws {CodedError} BAD_USER_INPUT `INVALID_PAGE`, `CURSOR_MISMATCH`, `CURSOR_EXPIRED` or `INVALID_TYPE`
 */
async function pull(args: PullArgs, context: Context, info: GraphQLResolveInfo): Promise<Connection> {
  const { db } = context
  const organizationId = idOf(args.organizationId, 'Organization')
  const { size, backward, cursor } = pageOf(args)
  const types = typesAsked(args.types)
  const start = cursor === null ? null : decodePosition(organizationId, cursor)
  const head = await db.eventStream.findUnique({ where: { id: organizationId } })
  const last = head?.lastSequence ?? 0n
  const anchor = head?.anchorSequence ?? 0n
  if (start !== null && start < anchor && !backward) throw expiredPosition(anchor + 1n)
  const all: Prisma.LogEntryWhereInput = {
    streamId: organizationId,
    ...(types && { type: { in: [...types] } }),
  }
  const selection = queryFromInfo({
    context,
    info,
    typeName: EventConnection.nodeName,
    paths: NODE_PATHS,
    select: { id: true, sequence: true } as never,
  })
  const loaded = (await db.logEntry.findMany({
    ...selection,
    where: { ...all, sequence: backward ? { lt: start ?? last + 1n } : { gt: start ?? 0n, lte: last } },
    orderBy: { sequence: backward ? 'desc' : 'asc' },
    take: size + 1,
  })) as unknown as { id: string; sequence: bigint }[]
  const more = loaded.length > size
  const nodes = loaded.slice(0, size)
  if (backward) nodes.reverse()
  const edges = nodes.map((node) => ({ node, cursor: encodePosition(organizationId, node.sequence) }))
  const read = start !== null && start > last ? start : last
  const end = more || backward ? (nodes.at(-1)?.sequence ?? read) : read
  return {
    nodes,
    edges,
    totalCount: () => db.logEntry.count({ where: all }),
    pageInfo: {
      hasNextPage: backward ? start !== null : more,
      hasPreviousPage: backward ? more : start !== null,
      startCursor: edges[0]?.cursor ?? null,
      // Also on an empty page: what was read and is of other types need not be read again.
      endCursor: encodePosition(organizationId, end),
    },
  }
}

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection.ref,
    nullable: true,
    description:
      'The log of an organization from its beginning, for consumers without an open port: every event once, in the order of commits. Give `pageInfo.endCursor`, or any `Event.cursor` of this organization, as `after` to go on; `endCursor` is there on an empty page too, and never moves over an event that is still to come. A cursor that is older than what retention has left is refused with CURSOR_EXPIRED. Needs `organization:settings`.',
    args: {
      ...pageArgs,
      organizationId: t.arg.id({ required: true, description: 'Whose log.' }),
      types: t.arg.stringList({
        description:
          'Only events of these types: `member.added`, `member.*` for all about members, or `*` for all.',
      }),
    },
    extensions: { gate: can(ORGANIZATION_LOG, organization('organizationId')) },
    resolve: (_root, args, context, info) => pull(args as PullArgs, context, info) as never,
  }),
)
