import { can, workspace } from '../../access/rules.ts'
import { builder } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { EventSubscription } from '../event-subscription/types.ts'
import { IDEMPOTENCY, IdempotencyConflictType } from '../operation/error-types.ts'
import { RoleKeyTakenType, RoleNameTakenType, RoleTooHighType } from '../role/mutations.ts'
import { KeyTakenType } from '../workspace/mutations.ts'
import { Workspace } from '../workspace/types.ts'
import { type CloneAnswer, type ClonePlan, cloneWorkspace } from './clone-workspace.ts'
import { RolesMissing } from './errors.ts'

const RolesMissingType = errorType(RolesMissing, {
  description:
    'Members to be copied hold custom roles that the organization of the clone does not have by their keys.',
  fields: (t) => ({ keys: t.exposeStringList('keys', { description: 'The roles that were looked for.' }) }),
})

const CloneInclude = builder.inputType('CloneInclude', {
  description: 'What a clone has beside the configuration; absent parts are left out.',
  fields: (t) => ({
    members: t.boolean({
      description:
        'Direct members with their roles. In another organization they join as plain members, and custom roles are found by key.',
    }),
    roles: t.boolean({
      description:
        'Custom roles of the members that the other organization does not have. Needs `organization:roles` there, and none is above your own.',
    }),
    extensions: t.boolean({ description: 'Installed extensions with their configuration.' }),
    capabilities: t.boolean({ description: 'Registered capabilities.' }),
    eventSubscriptions: t.boolean({
      description:
        'Event subscriptions, each with a new secret that the payload shows once. Needs `events:write` on the source.',
    }),
  }),
})

const ClonePlanType = builder.objectRef<ClonePlan>('ClonePlan').implement({
  description: 'What a clone has, or would have.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    key: t.exposeString('key', { description: 'Its key: the one that was given, else one that was free.' }),
    members: t.exposeInt('members', { description: 'How many members were copied, without the owner.' }),
    roles: t.exposeStringList('roles', { description: 'Keys of the custom roles that were made for it.' }),
    extensions: t.exposeStringList('extensions', { description: 'Keys of its extensions.' }),
    capabilities: t.exposeStringList('capabilities', { description: 'Names of its capabilities.' }),
    eventSubscriptions: t.exposeStringList('eventSubscriptions', {
      description: 'Where its event subscriptions send to.',
    }),
  }),
})

const ClonedEventSubscription = builder
  .objectRef<CloneAnswer['subscriptions'][number]>('ClonedEventSubscription')
  .implement({
    description: 'The copy of an event subscription, with its new secret.',
    fields: (t) => ({
      eventSubscription: t.field({
        type: EventSubscription,
        description: 'The copy.',
        resolve: ({ subscriptionId }) => ({ id: subscriptionId }) as never,
      }),
      secret: t.exposeString('secret', {
        nullable: true,
        description:
          'What its messages are signed with, answered only here; null when the call repeats one that was made before.',
      }),
    }),
  })

defineMutation({
  name: 'cloneWorkspace',
  description:
    'Makes a new workspace with the configuration of another one: description, labels, bounding box, coordinate system, settings, preferences, and what `include` names. Never copied: invites, tokens, secrets, resources, overrides of people. The viewer owns the clone. Needs `workspace:clone` on the source and `workspace:create` in the target.',
  gate: can('workspace:clone', workspace('workspaceId')),
  input: (t) => ({
    workspaceId: t.id({ required: true, description: 'The source.' }),
    organizationId: t.id({ description: 'Where the clone belongs; absent, where the source does.' }),
    name: t.string({ required: true, description: '1 to 120 characters.' }),
    key: t.string({
      description:
        'Machine-readable name for ever, as in createWorkspace. Absent, one is made from the name.',
    }),
    include: t.field({ type: CloneInclude, description: 'What else is copied; absent, nothing.' }),
    validateOnly: t.boolean({
      description: 'True answers with what would be made, or why it would be refused, and makes nothing.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY }),
  }),
  errors: [
    KeyTakenType,
    RolesMissingType,
    RoleTooHighType,
    RoleKeyTakenType,
    RoleNameTakenType,
    IdempotencyConflictType,
  ],
  resolve: (context, { workspaceId, organizationId, ...input }) =>
    cloneWorkspace(context, {
      ...input,
      workspaceId: idOf(workspaceId, 'Workspace'),
      organizationId: organizationId == null ? null : idOf(organizationId, 'Organization'),
    }),
  payload: {
    description: 'The workspace was cloned; with `validateOnly`, it would have been.',
    fields: (t) => ({
      workspace: t.field({
        type: Workspace,
        nullable: true,
        description: 'The clone; null with `validateOnly`.',
        resolve: ({ workspaceId }) => (workspaceId === null ? null : ({ id: workspaceId } as never)),
      }),
      plan: t.field({
        type: ClonePlanType,
        description: 'What the clone has, or would have.',
        resolve: ({ plan }) => plan,
      }),
      eventSubscriptions: t.field({
        type: [ClonedEventSubscription],
        description: 'Its event subscriptions with their new secrets: tell them to whoever receives.',
        resolve: ({ subscriptions }) => subscriptions,
      }),
    }),
  },
})
