import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { encodeId } from '../../graphql/ids.ts'
import { encodePosition } from '../../platform/event-position.ts'
import { forbidden } from '../../platform/refusal.ts'
import { Workspace } from '../workspace/types.ts'
import { auditList } from './list.ts'
import { ORGANIZATION_LOG, visibleEvents, visibleLogs } from './policy.ts'

const EventSubject = builder.objectRef<{ type: string; id: string }>('EventSubject').implement({
  description: 'What something happened to. It may be gone by now, and then nothing is found by its id.',
  fields: (t) => ({
    type: t.exposeString('type', { description: 'What kind of thing, as in `Member` or `Workspace`.' }),
    id: t.exposeID('id', { description: 'Its id, as the API gives it.' }),
  }),
})

export const Event = builder.prismaNode('LogEntry', {
  name: 'Event',
  description:
    'One thing that happened: written together with the change that it tells of, and never changed. The audit trail, the live subscriptions, webhooks and `events` give the same events in the same order. No event has a secret in it.',
  id: {
    field: 'id',
    description: 'Opaque id, the same in every exit: a consumer that has seen it may drop it.',
  },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleEvents(viewer)] }),
  select: { id: true },
  fields: (t) => ({
    sequence: t.int({
      description:
        'Its number in the log of its organization: 1, 2, 3, without a gap, in the order of commits.',
      select: { sequence: true },
      resolve: ({ sequence }) => Number(sequence),
    }),
    cursor: t.string({
      description:
        'Its place in the log: give it to `after` of `events` or of a live subscription to go on behind it.',
      select: { streamId: true, sequence: true },
      resolve: ({ streamId, sequence }) => encodePosition(streamId, sequence),
    }),
    type: t.exposeString('type', { description: 'What happened, as in `member.added`.' }),
    actor: t.relation('actor', {
      nullable: true,
      description:
        'Who did it; null when nobody did, as when time ran out, or when that person was deleted since. `actorId` stays.',
    }),
    actorId: t.id({
      nullable: true,
      description: 'The id of who did it, also when that person was deleted since; null when nobody did.',
      select: { actorId: true },
      resolve: ({ actorId }) => (actorId === null ? null : encodeId('User', actorId)),
    }),
    subject: t.field({
      type: EventSubject,
      description: 'What it happened to.',
      select: { subjectType: true, subjectId: true },
      resolve: ({ subjectType: type, subjectId }) => ({ type, id: encodeId(type, subjectId) }),
    }),
    workspace: t.field({
      type: Workspace,
      nullable: true,
      description:
        'The workspace that it happened in; null when it concerns the organization, and when that workspace was deleted since or you do not see it. `workspaceId` stays.',
      select: (_args, _context, nested) => ({ workspaceId: true, workspace: nested(true) }),
      resolve: async ({ workspaceId, workspace }, _args, { access }) => {
        if (workspaceId === null || !workspace || (workspace as { deletedAt?: unknown }).deletedAt)
          return null
        return (await access.onWorkspace(workspaceId)) ? workspace : null
      },
    }),
    workspaceId: t.id({
      nullable: true,
      description: 'The id of the workspace that it happened in; null when it concerns the organization.',
      select: { workspaceId: true },
      resolve: ({ workspaceId }) => (workspaceId === null ? null : encodeId('Workspace', workspaceId)),
    }),
    changes: t.field({
      type: 'JSON',
      description:
        'What changed: an object that maps each field to `{ before, after }`, with one of them left out where there was or is nothing. Ids in it are row ids. Never a secret.',
      select: { changes: true },
      resolve: ({ changes }) => changes,
    }),
    requestId: t.exposeString('requestId', {
      nullable: true,
      description:
        'The request that it happened in, as in the header `X-Request-Id`; null outside of requests.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it happened.' }),
    hash: t.exposeString('hash', {
      description:
        'SHA-256 over this entry and the hash of the one before it, in hex: whoever changes, drops or moves an entry of the log breaks every hash behind it.',
    }),
  }),
})

export const EventConnection = defineConnection('Event', Event)

builder.prismaObjectField('Organization', 'auditLog', (t) =>
  t.field({
    ...relationList('Organization.auditLog', 'logEntries', {
      type: EventConnection,
      list: auditList,
      description:
        'Everything that happened in this organization, the newest first: by whom, to what, when, what changed, and every look of a platform administrator. It is append-only and hash-chained; `GET /organizations/<id>/audit.jsonl` exports it, and `npm run audit:verify` checks an export. Needs `organization:settings`; null, with an error, where it is missing. Retention removes entries that are older than the setting AUDIT_RETENTION_DAYS.',
      where: ({ viewer }) => visibleLogs(viewer),
      allow: async ({ access }: Context, id) => {
        const standing = await access.onOrganization(id)
        if (!standing?.permissions.has(ORGANIZATION_LOG)) throw forbidden(ORGANIZATION_LOG)
      },
    }),
    nullable: true,
  } as never),
)
