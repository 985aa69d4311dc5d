import { can, organization } from '../../access/rules.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { SettingsInputType, SettingsModeEnum } from '../settings/inputs.ts'
import { VersionConflictType } from '../workspace/mutations.ts'
import { Organization } from './types.ts'
import { updateOrganizationSettings } from './update-organization-settings.ts'

defineMutation({
  name: 'updateOrganizationSettings',
  description:
    'Changes what an organization sets for all of its workspaces, and which of it they can not change.',
  gate: can('organization:settings', organization('organizationId')),
  input: (t) => ({
    organizationId: t.id({ required: true, description: 'Which organization.' }),
    settings: t.field({ type: SettingsInputType, description: 'The own values; absent, they stay.' }),
    locks: t.stringList({
      description:
        'Everything that workspaces can not change: paths like `permissions.whoMayInvite` and `features.beta`, or whole areas like `features`. Absent, the present locks stay in either mode; null or empty takes all away. Values that workspaces have set already stop counting until they are unlocked.',
    }),
    mode: t.field({
      type: SettingsModeEnum,
      defaultValue: 'MERGE',
      description: 'What happens to own values that are not given.',
    }),
    expectedVersion: t.int({
      description: 'The `version` of the organization that was read: another one now is a VersionConflict.',
    }),
  }),
  changesViewer: () => true,
  errors: [VersionConflictType],
  resolve: (context, { organizationId, ...input }) =>
    updateOrganizationSettings(context, {
      ...input,
      organizationId: idOf(organizationId, 'Organization'),
    } as never),
  payload: {
    description: 'The settings were changed, or were like this already.',
    fields: (t) => ({
      organization: t.field({
        type: Organization,
        description: 'The organization as it is now.',
        resolve: ({ organizationId }) => ({ id: organizationId }) as never,
      }),
    }),
  },
})
