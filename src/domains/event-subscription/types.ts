import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, relationList } from '../../graphql/connection.ts'
import { forbidden } from '../../platform/refusal.ts'
import { eventSubscriptionList } from './list.ts'
import { visibleEventSubscriptions } from './policy.ts'

export const EventSubscription = builder.prismaNode('EventSubscription', {
  description:
    'An address that wants to hear of the events of a workspace (T10). Messages to it are signed after Standard Webhooks; the secret was answered once, by createEventSubscription. Needs `events:write`.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleEventSubscriptions(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    workspace: t.relation('workspace', { description: 'Whose events.' }),
    url: t.exposeString('url', { description: 'Where messages go.' }),
    types: t.exposeStringList('types', {
      description: 'Types of events, `noun.*` for all about a noun, or `*` for all.',
    }),
    description: t.exposeString('description', { description: 'What it is for; may be empty.' }),
    enabled: t.exposeBoolean('enabled', { description: 'Whether messages are sent.' }),
    createdBy: t.relation('createdBy', {
      nullable: true,
      description: 'Who made it; null when that person was deleted.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const EventSubscriptionConnection = defineConnection('EventSubscription', EventSubscription)

builder.prismaObjectField('Workspace', 'eventSubscriptions', (t) =>
  t.field({
    ...relationList('Workspace.eventSubscriptions', 'eventSubscriptions', {
      type: EventSubscriptionConnection,
      list: eventSubscriptionList,
      description:
        'The event subscriptions of this workspace, newest first (T10). Needs `events:write`; null, with an error, where it is missing.',
      where: ({ viewer }) => visibleEventSubscriptions(viewer),
      allow: async (context: Context, id) => {
        const standing = await context.access.onWorkspace(id)
        if (!standing?.permissions.has('events:write')) throw forbidden('events:write')
      },
    }),
    nullable: true,
  } as never),
)
