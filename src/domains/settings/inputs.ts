import { builder } from '../../graphql/builder.ts'
import { errorType } from '../../graphql/errors.ts'
import { SettingLocked } from './errors.ts'
import { PolicyLevelEnum, policyDescriptions } from './policy-types.ts'

export const SettingLockedType = errorType(SettingLocked, {
  description: 'The organization has locked values that the workspace was to have of its own.',
  fields: (t) => ({
    paths: t.exposeStringList('paths', { description: 'Every value of the input that is locked.' }),
  }),
})

export const SettingsModeEnum = builder.enumType('SettingsMode', {
  description: 'What happens to own values that an update does not name.',
  values: {
    MERGE: { description: 'They stay.' },
    REPLACE: {
      description:
        'They go, and are inherited again. The secrets of an integration that is given without `secrets` stay.',
    },
  } as const,
})

const INHERIT = 'Null takes the own value away, so that it is inherited again.'

const PermissionSettingsInput = builder.inputType('PermissionSettingsInput', {
  description: `Who may do what. ${INHERIT} A policy can be opened only by somebody who may do what it opens.`,
  fields: (t) => ({
    workspaceDeletion: t.field({ type: PolicyLevelEnum, description: policyDescriptions.workspaceDeletion }),
    whoMayInvite: t.field({ type: PolicyLevelEnum, description: policyDescriptions.whoMayInvite }),
    allowedEmailDomains: t.stringList({
      description: `${policyDescriptions.allowedEmailDomains} At most 100.`,
    }),
    cloneByWriters: t.boolean({ description: policyDescriptions.cloneByWriters }),
  }),
})

const KEY = '1 to 64 letters, digits, hyphens and underscores, beginning with a letter.'

const FeatureInput = builder.inputType('FeatureSettingInput', {
  description: 'A feature to switch on or off.',
  fields: (t) => ({
    key: t.string({ required: true, description: `Its name: ${KEY}` }),
    enabled: t.boolean({ description: `Whether it is on. ${INHERIT}` }),
  }),
})

const IntegrationSecretInput = builder.inputType('IntegrationSecretInput', {
  description: 'A secret to set or to remove.',
  fields: (t) => ({
    key: t.string({ required: true, description: `Its name: ${KEY}` }),
    value: t.string({
      description:
        'What it is: 1 to 10,000 characters, stored sealed and never answered. Null removes it. It has to be given.',
    }),
  }),
})

const IntegrationInput = builder.inputType('IntegrationSettingInput', {
  description: 'An integration to set up.',
  fields: (t) => ({
    key: t.string({ required: true, description: `Its name: ${KEY}` }),
    enabled: t.boolean({
      description: `Whether it is on; absent it stays, and is on when it is new. Null takes the own integration away with its config and secrets, so that it is inherited again.`,
    }),
    config: t.field({
      type: 'JSON',
      description:
        'A JSON object of at most 4,000 characters and 10 levels, as a whole; null for an empty one. No secrets: it is shown to everybody here.',
    }),
    secrets: t.field({
      type: [IntegrationSecretInput],
      description:
        'Secrets to set or to remove; at most 20 in all. Others stay with MERGE, and go with REPLACE.',
    }),
  }),
})

export const SettingsInputType = builder.inputType('SettingsInput', {
  description: 'Own values of an organization or a workspace. Null takes away those of a whole area.',
  fields: (t) => ({
    permissions: t.field({ type: PermissionSettingsInput, description: 'Who may do what.' }),
    features: t.field({ type: [FeatureInput], description: 'Features, each once; at most 200.' }),
    integrations: t.field({ type: [IntegrationInput], description: 'Integrations, each once; at most 50.' }),
  }),
})
