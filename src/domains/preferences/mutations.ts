import { can, workspace } from '../../access/rules.ts'
import type { InputFields, ObjectFields } from '../../graphql/builder.ts'
import { idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { NotAMemberType } from '../member/mutations.ts'
import { Workspace } from '../workspace/types.ts'
import { preferenceDescriptions, ThemeEnum, WeekStartEnum } from './types.ts'
import { updateViewerPreferences } from './update-viewer-preferences.ts'
import { updateWorkspacePreferences } from './update-workspace-preferences.ts'

const preferenceInputs = (t: InputFields) => ({
  workspaceId: t.id({ required: true, description: 'Which workspace.' }),
  locale: t.string({ description: `${preferenceDescriptions.locale} ${CLEAR}` }),
  timeZone: t.string({ description: `${preferenceDescriptions.timeZone} ${CLEAR}` }),
  theme: t.field({ type: ThemeEnum, description: `${preferenceDescriptions.theme} ${CLEAR}` }),
  weekStart: t.field({ type: WeekStartEnum, description: `${preferenceDescriptions.weekStart} ${CLEAR}` }),
  landingPage: t.string({ description: `${preferenceDescriptions.landingPage} ${CLEAR}` }),
})

const CLEAR = 'Absent, it stays; null takes it away.'

const preferencesPayload = {
  description: 'The preferences were changed, or were like this already.',
  fields: (t: ObjectFields<{ workspaceId: string }>) => ({
    workspace: t.field({
      type: Workspace,
      description: 'The workspace as it is now.',
      resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
    }),
  }),
}

defineMutation({
  name: 'updateWorkspacePreferences',
  description:
    'Changes what a workspace prefers, for everybody who has not set their own. Needs `preferences:write`.',
  gate: can('preferences:write', workspace('workspaceId')),
  input: preferenceInputs,
  errors: [],
  resolve: (context, { workspaceId, ...patch }) =>
    updateWorkspacePreferences(context, { ...patch, workspaceId: idOf(workspaceId, 'Workspace') }),
  payload: preferencesPayload,
})

defineMutation({
  name: 'updateViewerPreferences',
  description:
    'Changes what the viewer prefers in a workspace, for themselves alone. Everybody with a role on it may.',
  gate: can('workspace:read', workspace('workspaceId')),
  input: preferenceInputs,
  errors: [NotAMemberType],
  resolve: (context, { workspaceId, ...patch }) =>
    updateViewerPreferences(context, { ...patch, workspaceId: idOf(workspaceId, 'Workspace') }),
  payload: preferencesPayload,
})
