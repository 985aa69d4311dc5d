import { can, organization } from '../../access/rules.ts'
import { builder } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { IDEMPOTENCY, IdempotencyConflictType } from '../operation/error-types.ts'
import { OperationActionEnum } from '../operation/list.ts'
import { Operation, OperationModeEnum } from '../operation/types.ts'
import { preferenceDescriptions, ThemeEnum, WeekStartEnum } from '../preferences/types.ts'
import { SettingsInputType } from '../settings/inputs.ts'
import { describedFields } from '../workspace/mutations.ts'
import { type MovedItem, PlanMoved } from './errors.ts'
import { type ProvisionInput, provisionWorkspaces } from './provision-workspaces.ts'

const MovedItemType = builder.objectRef<MovedItem>('MovedItem').implement({
  description: 'A workspace for which something else would be done than the plan said.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its key.' }),
    planned: t.expose('planned', { type: OperationActionEnum, description: 'What the plan said.' }),
    now: t.expose('now', {
      type: OperationActionEnum,
      description: 'What would be done now; the same action means that its changes are others.',
    }),
  }),
})

const PlanMovedType = errorType(PlanMoved, {
  description: 'Things are no longer as they were when the plan of `planId` was made.',
  fields: (t) => ({
    moved: t.field({
      type: [MovedItemType],
      description: 'Every workspace that is concerned.',
      resolve: ({ moved }) => moved,
    }),
  }),
})

const ProvisionedMember = builder.inputType('ProvisionedMember', {
  description: 'Somebody who is to have a role on a workspace.',
  fields: (t) => ({
    email: t.string({
      required: true,
      description:
        'Their address. Members of the organization are added at once, everybody else gets an invite.',
    }),
    role: t.string({ required: true, description: 'A workspace role, by key, name or alias in any case.' }),
  }),
})

const PreferencesInput = builder.inputType('PreferencesInput', {
  description: 'What a workspace prefers. What is absent stays; null takes a value away.',
  fields: (t) => ({
    locale: t.string({ description: preferenceDescriptions.locale }),
    timeZone: t.string({ description: preferenceDescriptions.timeZone }),
    theme: t.field({ type: ThemeEnum, description: preferenceDescriptions.theme }),
    weekStart: t.field({ type: WeekStartEnum, description: preferenceDescriptions.weekStart }),
    landingPage: t.string({ description: preferenceDescriptions.landingPage }),
  }),
})

const ProvisionedWorkspace = builder.inputType('ProvisionedWorkspace', {
  description:
    'The state that the workspace of a key is to be in. What is absent stays as it is; of a new workspace it is as in the template, else empty.',
  fields: (t) => ({
    key: t.string({
      required: true,
      description: 'Which one: 2 to 48 lower-case letters, digits and hyphens, beginning with a letter.',
    }),
    name: t.string({ description: '1 to 120 characters; a new one without a name is called like its key.' }),
    ...describedFields(t),
    settings: t.field({
      type: SettingsInputType,
      description: 'Own settings that it is to have; others stay. Secrets are not provisioned.',
    }),
    preferences: t.field({ type: PreferencesInput, description: 'Preferences that it is to have.' }),
    members: t.field({
      type: [ProvisionedMember],
      description: 'At most 100 people and the roles that they are to have; nobody is removed.',
    }),
  }),
})

defineMutation({
  name: 'provisionWorkspaces',
  description:
    'Brings 1 to 10,000 workspaces of an organization to the state that is named. The answer is an operation whose items say what is done for each: at once as a plan, which jobs then carry out in the background, in the name of the viewer and within their rights at that moment. The same input again changes nothing. Needs `workspace:create`; what is changed of an existing workspace needs what changing it by hand needs.',
  gate: can('workspace:create', organization('organizationId')),
  input: (t) => ({
    organizationId: t.id({ required: true, description: 'Where.' }),
    workspaces: t.field({
      type: [ProvisionedWorkspace],
      required: true,
      description: '1 to 10,000, each key once.',
    }),
    templateWorkspaceId: t.id({
      description:
        'A workspace whose description, labels, bounding box, coordinate system, settings and preferences new ones begin with. Needs `workspace:clone` on it.',
    }),
    mode: t.field({
      type: OperationModeEnum,
      required: true,
      defaultValue: 'BEST_EFFORT',
      description: 'What a refused item means for the others.',
    }),
    validateOnly: t.boolean({
      description: 'True answers with the plan as an operation that has ended, and carries nothing out.',
    }),
    planId: t.id({
      description:
        'The operation of an earlier `validateOnly` with the same input: when something else would be done now, the answer is PlanMoved, and nothing is.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY }),
  }),
  errors: [PlanMovedType, IdempotencyConflictType],
  resolve: (context, { organizationId, templateWorkspaceId, planId, ...input }) =>
    provisionWorkspaces(context, {
      ...(input as Omit<ProvisionInput, 'organizationId'>),
      organizationId: idOf(organizationId, 'Organization'),
      templateWorkspaceId: templateWorkspaceId == null ? null : idOf(templateWorkspaceId, 'Workspace'),
      planId: planId == null ? null : idOf(planId, 'Operation'),
    }),
  payload: {
    description: 'The plan was made; without `validateOnly` it is being carried out.',
    fields: (t) => ({
      operation: t.field({
        type: Operation,
        description: 'The operation: follow it with `operation(id)` or `operationProgress(id)`.',
        resolve: ({ operationId }) => ({ id: operationId }) as never,
      }),
    }),
  },
})
