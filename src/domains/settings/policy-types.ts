import type { ObjectRef } from '@pothos/core'
import type { Policies } from '../../access/policies.ts'
import { builder, type ObjectFields, type Types } from '../../graphql/builder.ts'
import type { EffectivePermissions, Setting, SettingSource } from './effective-settings.ts'

export const PolicyLevelEnum = builder.enumType('PolicyLevel', {
  description: 'The lowest level that may do something.',
  values: {
    ADMIN: { description: 'Administrators and owners.' },
    OWNER: { description: 'Owners alone.' },
  } as const,
})

const SettingSourceEnum = builder.enumType('SettingSource', {
  description: 'Where a value that counts comes from.',
  values: {
    DEFAULT: { description: 'Nobody has set it.' },
    ORGANIZATION: { description: 'The organization has set it, for all of its workspaces.' },
    WORKSPACE: { description: 'The workspace has set it for itself.' },
  } satisfies Record<SettingSource, { description: string }>,
})

export const policyDescriptions: Record<keyof Policies, string> = {
  workspaceDeletion: 'The lowest level that deletes and restores a workspace. Default: `ADMIN`.',
  whoMayInvite:
    'The lowest level that invites people: to a workspace, or to the organization itself. Default: `ADMIN`.',
  allowedEmailDomains:
    'Domains whose addresses may be invited, without their subdomains; empty for all, which is the default.',
  cloneByWriters:
    'Whether everybody on a workspace may clone it; if not, that takes `ADMIN`. Default: `true`.',
}

/** Source and lock of a value. */
export const settingFields = <Value>(t: ObjectFields<Setting<Value>>) => ({
  source: t.expose(
    'source' as never,
    { type: SettingSourceEnum, description: 'Where it comes from.' } as never,
  ),
  locked: t.exposeBoolean(
    'locked' as never,
    {
      description: 'Whether the organization keeps its workspaces from having a value of their own.',
    } as never,
  ),
})

function settingType<Value>(name: string, what: string, type: unknown): ObjectRef<Types, Setting<Value>> {
  const ref = builder.objectRef<Setting<Value>>(name)
  builder.objectType(ref, {
    description: `${what} that counts, and where it comes from.`,
    fields: (t) => ({
      value: t.expose('value' as never, { type, description: 'The value that counts.' } as never),
      ...settingFields(t),
    }),
  })
  return ref
}

const LevelSetting = settingType<Policies['whoMayInvite']>('LevelSetting', 'A level', PolicyLevelEnum)
const StringsSetting = settingType<readonly string[]>('StringsSetting', 'A list', ['String'])
const BooleanSetting = settingType<boolean>('BooleanSetting', 'A yes or no', 'Boolean')

export const EffectivePermissionsType = builder
  .objectRef<EffectivePermissions>('EffectivePermissionSettings')
  .implement({
    description: 'Who may do what, as it counts. The permissions of the viewer follow from it.',
    fields: (t) => ({
      workspaceDeletion: t.expose('workspaceDeletion', {
        type: LevelSetting,
        description: policyDescriptions.workspaceDeletion,
      }),
      whoMayInvite: t.expose('whoMayInvite', {
        type: LevelSetting,
        description: policyDescriptions.whoMayInvite,
      }),
      allowedEmailDomains: t.expose('allowedEmailDomains', {
        type: StringsSetting,
        description: policyDescriptions.allowedEmailDomains,
      }),
      cloneByWriters: t.expose('cloneByWriters', {
        type: BooleanSetting,
        description: policyDescriptions.cloneByWriters,
      }),
    }),
  })

const inheritedHere = 'Null when it was not set here.'

export const OwnPermissionsType = builder.objectRef<Partial<Policies>>('OwnPermissionSettings').implement({
  description: 'What was set here about who may do what; null where nothing was.',
  fields: (t) => ({
    workspaceDeletion: t.field({
      type: PolicyLevelEnum,
      nullable: true,
      description: `${policyDescriptions.workspaceDeletion} ${inheritedHere}`,
      resolve: ({ workspaceDeletion }) => workspaceDeletion,
    }),
    whoMayInvite: t.field({
      type: PolicyLevelEnum,
      nullable: true,
      description: `${policyDescriptions.whoMayInvite} ${inheritedHere}`,
      resolve: ({ whoMayInvite }) => whoMayInvite,
    }),
    allowedEmailDomains: t.stringList({
      nullable: true,
      description: `${policyDescriptions.allowedEmailDomains} ${inheritedHere}`,
      resolve: ({ allowedEmailDomains }) => allowedEmailDomains as string[] | undefined,
    }),
    cloneByWriters: t.boolean({
      nullable: true,
      description: `${policyDescriptions.cloneByWriters} ${inheritedHere}`,
      resolve: ({ cloneByWriters }) => cloneByWriters,
    }),
  }),
})
