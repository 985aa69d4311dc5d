import {
  type Capability,
  type EventSubscription,
  type ExtensionInstallation,
  Prisma,
  type Workspace,
  type WorkspaceMember,
  type WorkspacePreferences,
} from '../../generated/prisma/client.ts'

/** Whether a clone has the value of its source, or one of its own. */
type Fate = 'COPY' | 'OWN'

/**
 * What a clone takes over, column by column (O15). A column or a relation that is added to the data model does not compile
 * until somebody decides about it here.
 */
export const COPIED = {
  Workspace: {
    id: 'OWN',
    organizationId: 'OWN',
    key: 'OWN',
    databaseName: 'OWN',
    name: 'OWN',
    description: 'COPY',
    labels: 'COPY',
    boundingBox: 'COPY',
    defaultCoordinateSystem: 'COPY',
    // An administrator of the organization decides on it for each workspace (W10).
    mlEnabled: 'OWN',
    settings: 'COPY',
    version: 'OWN',
    createdById: 'OWN',
    updatedById: 'OWN',
    createdAt: 'OWN',
    updatedAt: 'OWN',
    deletedAt: 'OWN',
    purgeAt: 'OWN',
  } satisfies Record<keyof Workspace, Fate>,
  WorkspacePreferences: {
    workspaceId: 'OWN',
    organizationId: 'OWN',
    locale: 'COPY',
    timeZone: 'COPY',
    theme: 'COPY',
    weekStart: 'COPY',
    landingPage: 'COPY',
    updatedAt: 'OWN',
  } satisfies Record<keyof WorkspacePreferences, Fate>,
  WorkspaceMember: {
    id: 'OWN',
    organizationId: 'OWN',
    workspaceId: 'OWN',
    userId: 'COPY',
    // The role of the same key, in the organization of the clone.
    roleId: 'OWN',
    roleScope: 'COPY',
    level: 'OWN',
    inheritedLevel: 'OWN',
    createdAt: 'OWN',
    updatedAt: 'OWN',
  } satisfies Record<keyof WorkspaceMember, Fate>,
  ExtensionInstallation: {
    id: 'OWN',
    organizationId: 'OWN',
    workspaceId: 'OWN',
    key: 'COPY',
    version: 'COPY',
    enabled: 'COPY',
    config: 'COPY',
    installedById: 'OWN',
    createdAt: 'OWN',
    updatedAt: 'OWN',
  } satisfies Record<keyof ExtensionInstallation, Fate>,
  Capability: {
    id: 'OWN',
    organizationId: 'OWN',
    workspaceId: 'OWN',
    name: 'COPY',
    version: 'COPY',
    description: 'COPY',
    metadata: 'COPY',
    registeredById: 'OWN',
    createdAt: 'OWN',
  } satisfies Record<keyof Capability, Fate>,
  EventSubscription: {
    id: 'OWN',
    organizationId: 'OWN',
    workspaceId: 'OWN',
    url: 'COPY',
    types: 'COPY',
    description: 'COPY',
    enabled: 'COPY',
    // Two workspaces that sign with one secret could pass for each other.
    // How far it has got, and how its receiver is, is of the source alone.
    disabledReason: 'OWN',
    sealedSecret: 'OWN',
    previousSealedSecret: 'OWN',
    rotationEndsAt: 'OWN',
    cursor: 'OWN',
    failures: 'OWN',
    firstFailedAt: 'OWN',
    nextAttemptAt: 'OWN',
    lockedBy: 'OWN',
    leaseEndsAt: 'OWN',
    createdById: 'OWN',
    createdAt: 'OWN',
    updatedAt: 'OWN',
  } satisfies Record<keyof EventSubscription, Fate>,
} as const

/** What lies in a workspace, and whether a clone has it: always, when `include` asks for it, or never. */
export const COPIED_RELATIONS = {
  organization: 'OWN',
  createdBy: 'OWN',
  updatedBy: 'OWN',
  preferences: 'ALWAYS',
  grants: 'INCLUDE',
  extensionInstallations: 'INCLUDE',
  capabilities: 'INCLUDE',
  eventSubscriptions: 'INCLUDE',
  // Views of the grants.
  members: 'OWN',
  viewerMembers: 'OWN',
  invites: 'NEVER',
  resources: 'NEVER',
  integrationSecrets: 'NEVER',
  // A person's own, and theirs to set.
  viewerPreferences: 'NEVER',
  // What happens to the clone is told of the clone.
  logEntries: 'OWN',
} as const satisfies Record<
  Exclude<keyof Prisma.WorkspaceInclude, '_count'>,
  'ALWAYS' | 'INCLUDE' | 'NEVER' | 'OWN'
>

type Model = keyof typeof COPIED
type CopiedOf<M extends Model, Row> = {
  [Column in keyof Row as Column extends keyof (typeof COPIED)[M]
    ? (typeof COPIED)[M][Column] extends 'COPY'
      ? Column
      : never
    : never]: Row[Column]
}

/** The values of a row that a clone takes over. */
export function copiedOf<M extends Model, Row extends object>(model: M, row: Row): CopiedOf<M, Row> {
  const fates: Record<string, Fate> = COPIED[model]
  return Object.fromEntries(Object.entries(row).filter(([column]) => fates[column] === 'COPY')) as CopiedOf<
    M,
    Row
  >
}

/** As Prisma writes a JSON column that may be null. */
export const jsonOrNull = (value: Prisma.JsonValue) =>
  value === null ? Prisma.DbNull : (value as Prisma.InputJsonValue)
