import { can, workspace } from '../../access/rules.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { SettingLockedType, SettingsInputType, SettingsModeEnum } from '../settings/inputs.ts'
import { VersionConflictType } from './mutations.ts'
import { Workspace } from './types.ts'
import { updateWorkspaceSettings } from './update-workspace-settings.ts'

defineMutation({
  name: 'updateWorkspaceSettings',
  description:
    'Changes what a workspace has set for itself. Whatever it has not set is inherited from its organization.',
  gate: can('settings:write', workspace('workspaceId')),
  input: (t) => ({
    workspaceId: t.id({ required: true, description: 'Which workspace.' }),
    settings: t.field({ type: SettingsInputType, required: true, description: 'The own values.' }),
    mode: t.field({
      type: SettingsModeEnum,
      defaultValue: 'MERGE',
      description: 'What happens to own values that are not given.',
    }),
    expectedVersion: t.int({
      description: 'The `version` of the workspace that was read: another one now is a VersionConflict.',
    }),
  }),
  errors: [SettingLockedType, VersionConflictType],
  resolve: (context, { workspaceId, ...input }) =>
    updateWorkspaceSettings(context, { ...input, workspaceId: idOf(workspaceId, 'Workspace') } as never),
  payload: {
    description: 'The settings were changed, or were like this already.',
    fields: (t) => ({
      workspace: t.field({
        type: Workspace,
        description: 'The workspace as it is now.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})
