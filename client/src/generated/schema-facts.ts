/** What an interface or a union can be. */
export const possibleTypes = {
  "AcceptInviteResult": [
    "AcceptInvitePayload",
    "InviteUnavailable",
    "ValidationError",
    "WrongAccount"
  ],
  "AddMemberResult": [
    "AddMemberPayload",
    "AlreadyMember",
    "RoleTooHigh",
    "UserNotFound",
    "ValidationError"
  ],
  "CancelOperationResult": [
    "CancelOperationPayload",
    "OperationEnded",
    "ValidationError"
  ],
  "ChangePasswordResult": [
    "ChangePasswordPayload",
    "InvalidCredentials",
    "ValidationError"
  ],
  "CloneWorkspaceResult": [
    "CloneWorkspacePayload",
    "IdempotencyConflict",
    "KeyTaken",
    "RoleKeyTaken",
    "RoleNameTaken",
    "RoleTooHigh",
    "RolesMissing",
    "ValidationError"
  ],
  "CloseAccountResult": [
    "CloseAccountPayload",
    "InvalidCredentials",
    "LastPlatformAdmin",
    "SoleOwner",
    "ValidationError"
  ],
  "CreateAccessTokenResult": [
    "CreateAccessTokenPayload",
    "ValidationError"
  ],
  "CreateEventSubscriptionResult": [
    "CreateEventSubscriptionPayload",
    "ValidationError"
  ],
  "CreateInvitesResult": [
    "CreateInvitesPayload",
    "InviteLimitReached",
    "ValidationError"
  ],
  "CreateOrganizationResult": [
    "CreateOrganizationPayload",
    "SlugTaken",
    "ValidationError"
  ],
  "CreateRoleResult": [
    "CreateRolePayload",
    "RoleKeyTaken",
    "RoleNameTaken",
    "RoleTooHigh",
    "ValidationError"
  ],
  "CreateUserResult": [
    "CreateUserPayload",
    "EmailTaken",
    "ValidationError"
  ],
  "CreateWorkspaceResult": [
    "CreateWorkspacePayload",
    "KeyTaken",
    "OrganizationRequired",
    "SettingLocked",
    "ValidationError"
  ],
  "DeclineInviteResult": [
    "DeclineInvitePayload",
    "InviteUnavailable",
    "ValidationError"
  ],
  "DeleteEventSubscriptionResult": [
    "DeleteEventSubscriptionPayload",
    "ValidationError"
  ],
  "DeleteOrganizationResult": [
    "DeleteOrganizationPayload",
    "ValidationError",
    "VersionConflict"
  ],
  "DeleteRoleResult": [
    "DeleteRolePayload",
    "RoleBuiltIn",
    "RoleInUse",
    "RoleTooHigh",
    "ValidationError"
  ],
  "DeleteUserResult": [
    "DeleteUserPayload",
    "LastPlatformAdmin",
    "SoleOwner",
    "ValidationError"
  ],
  "DeleteWorkspaceResult": [
    "DeleteWorkspacePayload",
    "ValidationError",
    "VersionConflict",
    "WorkspaceNotEmpty"
  ],
  "Error": [
    "AlreadyInstalled",
    "AlreadyMember",
    "CapabilityTaken",
    "EmailTaken",
    "IdempotencyConflict",
    "InvalidCredentials",
    "InvalidToken",
    "InviteLimitReached",
    "InviteUnavailable",
    "KeyTaken",
    "LastOwner",
    "LastPlatformAdmin",
    "NotAMember",
    "NotDeleted",
    "OperationEnded",
    "OrganizationRequired",
    "PlanMoved",
    "ResourceNameTaken",
    "RoleBuiltIn",
    "RoleInUse",
    "RoleKeyTaken",
    "RoleNameTaken",
    "RoleTooHigh",
    "RolesMissing",
    "SettingLocked",
    "SlugTaken",
    "SoleOwner",
    "UserNotFound",
    "ValidationError",
    "VersionConflict",
    "WorkspaceNotEmpty",
    "WrongAccount"
  ],
  "InstallExtensionResult": [
    "AlreadyInstalled",
    "InstallExtensionPayload",
    "ValidationError"
  ],
  "LeaveResult": [
    "LastOwner",
    "LeavePayload",
    "NotAMember",
    "ValidationError"
  ],
  "Node": [
    "AccessToken",
    "Capability",
    "DeliveryAttempt",
    "Event",
    "EventSubscription",
    "ExtensionInstallation",
    "Invite",
    "Member",
    "Operation",
    "Organization",
    "Resource",
    "Role",
    "Session",
    "User",
    "Workspace"
  ],
  "ProvisionWorkspacesResult": [
    "IdempotencyConflict",
    "PlanMoved",
    "ProvisionWorkspacesPayload",
    "ValidationError"
  ],
  "PurgeWorkspaceResult": [
    "NotDeleted",
    "PurgeWorkspacePayload",
    "ValidationError"
  ],
  "RegisterCapabilityResult": [
    "CapabilityTaken",
    "RegisterCapabilityPayload",
    "ValidationError"
  ],
  "RegisterResourceResult": [
    "RegisterResourcePayload",
    "ResourceNameTaken",
    "ValidationError"
  ],
  "RemoveCapabilityResult": [
    "RemoveCapabilityPayload",
    "ValidationError"
  ],
  "RemoveMemberResult": [
    "LastOwner",
    "NotAMember",
    "RemoveMemberPayload",
    "RoleTooHigh",
    "ValidationError"
  ],
  "RemoveResourceResult": [
    "RemoveResourcePayload",
    "ValidationError"
  ],
  "ReplayEventSubscriptionResult": [
    "ReplayEventSubscriptionPayload",
    "ValidationError"
  ],
  "RequestPasswordResetResult": [
    "RequestPasswordResetPayload",
    "ValidationError"
  ],
  "ResendInviteResult": [
    "AlreadyMember",
    "InviteLimitReached",
    "InviteUnavailable",
    "ResendInvitePayload",
    "RoleTooHigh",
    "ValidationError"
  ],
  "ResendVerificationEmailResult": [
    "ResendVerificationEmailPayload",
    "ValidationError"
  ],
  "ResetPasswordResult": [
    "InvalidToken",
    "ResetPasswordPayload",
    "ValidationError"
  ],
  "RestoreOrganizationResult": [
    "NotDeleted",
    "RestoreOrganizationPayload",
    "ValidationError"
  ],
  "RestoreWorkspaceResult": [
    "NotDeleted",
    "RestoreWorkspacePayload",
    "ValidationError"
  ],
  "RevokeAccessTokenResult": [
    "RevokeAccessTokenPayload",
    "ValidationError"
  ],
  "RevokeInviteResult": [
    "InviteUnavailable",
    "RevokeInvitePayload",
    "RoleTooHigh",
    "ValidationError"
  ],
  "RevokeOtherSessionsResult": [
    "RevokeOtherSessionsPayload"
  ],
  "RevokeSessionResult": [
    "RevokeSessionPayload",
    "ValidationError"
  ],
  "RotateEventSubscriptionSecretResult": [
    "RotateEventSubscriptionSecretPayload",
    "ValidationError"
  ],
  "Scope": [
    "Organization",
    "Workspace"
  ],
  "SendTestEventResult": [
    "SendTestEventPayload",
    "ValidationError"
  ],
  "SetMemberRoleResult": [
    "LastOwner",
    "RoleTooHigh",
    "SetMemberRolePayload",
    "ValidationError"
  ],
  "SetMemberRolesResult": [
    "SetMemberRolesPayload",
    "ValidationError"
  ],
  "SetWorkspacesMlEnabledResult": [
    "SetWorkspacesMlEnabledPayload",
    "ValidationError"
  ],
  "SignInResult": [
    "InvalidCredentials",
    "SignInPayload",
    "ValidationError"
  ],
  "SignOutResult": [
    "SignOutPayload"
  ],
  "SignUpByInviteResult": [
    "EmailTaken",
    "InviteUnavailable",
    "SignUpByInvitePayload",
    "ValidationError"
  ],
  "SignUpResult": [
    "EmailTaken",
    "SignUpPayload",
    "ValidationError"
  ],
  "TransferOwnershipResult": [
    "NotAMember",
    "TransferOwnershipPayload",
    "ValidationError"
  ],
  "UninstallExtensionResult": [
    "UninstallExtensionPayload",
    "ValidationError"
  ],
  "UpdateEventSubscriptionResult": [
    "UpdateEventSubscriptionPayload",
    "ValidationError"
  ],
  "UpdateExtensionInstallationResult": [
    "UpdateExtensionInstallationPayload",
    "ValidationError"
  ],
  "UpdateOrganizationResult": [
    "SlugTaken",
    "UpdateOrganizationPayload",
    "ValidationError",
    "VersionConflict"
  ],
  "UpdateOrganizationSettingsResult": [
    "UpdateOrganizationSettingsPayload",
    "ValidationError",
    "VersionConflict"
  ],
  "UpdateProfileResult": [
    "UpdateProfilePayload",
    "ValidationError"
  ],
  "UpdateRoleResult": [
    "RoleBuiltIn",
    "RoleNameTaken",
    "RoleTooHigh",
    "UpdateRolePayload",
    "ValidationError",
    "VersionConflict"
  ],
  "UpdateUserResult": [
    "EmailTaken",
    "LastPlatformAdmin",
    "UpdateUserPayload",
    "ValidationError"
  ],
  "UpdateViewerPreferencesResult": [
    "NotAMember",
    "UpdateViewerPreferencesPayload",
    "ValidationError"
  ],
  "UpdateWorkspacePreferencesResult": [
    "UpdateWorkspacePreferencesPayload",
    "ValidationError"
  ],
  "UpdateWorkspaceResult": [
    "UpdateWorkspacePayload",
    "ValidationError",
    "VersionConflict"
  ],
  "UpdateWorkspaceSettingsResult": [
    "SettingLocked",
    "UpdateWorkspaceSettingsPayload",
    "ValidationError",
    "VersionConflict"
  ],
  "VerifyEmailResult": [
    "InvalidToken",
    "ValidationError",
    "VerifyEmailPayload"
  ]
}

/** Types whose objects live inside of another object. */
export const typesWithoutId = [
  "AcceptInvitePayload",
  "AccessTokenConnection",
  "AccessTokenEdge",
  "AddMemberPayload",
  "Admin",
  "AlreadyInstalled",
  "AlreadyMember",
  "BooleanSetting",
  "CancelOperationPayload",
  "CapabilityConnection",
  "CapabilityEdge",
  "CapabilityTaken",
  "ChangePasswordPayload",
  "ClonePlan",
  "CloneWorkspacePayload",
  "ClonedEventSubscription",
  "CloseAccountPayload",
  "CreateAccessTokenPayload",
  "CreateEventSubscriptionPayload",
  "CreateInvitesPayload",
  "CreateOrganizationPayload",
  "CreateRolePayload",
  "CreateUserPayload",
  "CreateWorkspacePayload",
  "DeclineInvitePayload",
  "DeleteEventSubscriptionPayload",
  "DeleteOrganizationPayload",
  "DeleteRolePayload",
  "DeleteUserPayload",
  "DeleteWorkspacePayload",
  "DeliveryAttemptConnection",
  "DeliveryAttemptEdge",
  "EffectiveFeature",
  "EffectiveIntegration",
  "EffectivePermissionSettings",
  "EffectivePreferences",
  "EffectiveSettings",
  "EmailTaken",
  "EventConnection",
  "EventEdge",
  "EventSubscriptionConnection",
  "EventSubscriptionEdge",
  "ExtensionInstallationConnection",
  "ExtensionInstallationEdge",
  "GeoJsonPolygon",
  "IdempotencyConflict",
  "InstallExtensionPayload",
  "IntegrationSecret",
  "InvalidCredentials",
  "InvalidToken",
  "InviteConnection",
  "InviteEdge",
  "InviteLimitReached",
  "InvitePreview",
  "InviteResult",
  "InviteUnavailable",
  "KeyTaken",
  "LastOwner",
  "LastPlatformAdmin",
  "LeavePayload",
  "LevelSetting",
  "MemberConnection",
  "MemberEdge",
  "MemberRoleResult",
  "MovedItem",
  "NotAMember",
  "NotDeleted",
  "OperationChange",
  "OperationConnection",
  "OperationEdge",
  "OperationEnded",
  "OperationItem",
  "OperationItemConnection",
  "OperationItemEdge",
  "OperationItemProblem",
  "OperationPlan",
  "OperationProblem",
  "OperationProgress",
  "OrganizationConnection",
  "OrganizationEdge",
  "OrganizationRequired",
  "OwnFeature",
  "OwnIntegration",
  "OwnPermissionSettings",
  "OwnPreferences",
  "OwnSettings",
  "PageInfo",
  "PlanMoved",
  "Preferences",
  "ProvisionWorkspacesPayload",
  "PurgeWorkspacePayload",
  "RegisterCapabilityPayload",
  "RegisterResourcePayload",
  "RemoveCapabilityPayload",
  "RemoveMemberPayload",
  "RemoveResourcePayload",
  "ReplayEventSubscriptionPayload",
  "RequestPasswordResetPayload",
  "ResendInvitePayload",
  "ResendVerificationEmailPayload",
  "ResetPasswordPayload",
  "ResourceConnection",
  "ResourceEdge",
  "ResourceNameTaken",
  "RestoreOrganizationPayload",
  "RestoreWorkspacePayload",
  "RevokeAccessTokenPayload",
  "RevokeInvitePayload",
  "RevokeOtherSessionsPayload",
  "RevokeSessionPayload",
  "RoleBuiltIn",
  "RoleConnection",
  "RoleEdge",
  "RoleInUse",
  "RoleKeyTaken",
  "RoleNameTaken",
  "RoleTooHigh",
  "RolesMissing",
  "RotateEventSubscriptionSecretPayload",
  "SendTestEventPayload",
  "SessionConnection",
  "SessionEdge",
  "SetMemberRolePayload",
  "SetMemberRolesPayload",
  "SetWorkspacesMlEnabledPayload",
  "SettingLocked",
  "Settings",
  "SignInPayload",
  "SignOutPayload",
  "SignUpByInvitePayload",
  "SignUpPayload",
  "SlugTaken",
  "SoleOwner",
  "StringPreference",
  "StringsSetting",
  "ThemePreference",
  "TransferOwnershipPayload",
  "UninstallExtensionPayload",
  "UpdateEventSubscriptionPayload",
  "UpdateExtensionInstallationPayload",
  "UpdateOrganizationPayload",
  "UpdateOrganizationSettingsPayload",
  "UpdateProfilePayload",
  "UpdateRolePayload",
  "UpdateUserPayload",
  "UpdateViewerPreferencesPayload",
  "UpdateWorkspacePayload",
  "UpdateWorkspacePreferencesPayload",
  "UpdateWorkspaceSettingsPayload",
  "UserConnection",
  "UserEdge",
  "UserNotFound",
  "ValidationError",
  "ValidationIssue",
  "VerifyEmailPayload",
  "VersionConflict",
  "Viewer",
  "WeekStartPreference",
  "WorkspaceConnection",
  "WorkspaceEdge",
  "WorkspaceMemberCount",
  "WorkspaceNotEmpty",
  "WrongAccount"
]

/** Fields that are read in pages, by type. */
export const lists = {
  "Query": [
    "events"
  ],
  "Admin": [
    "organizations",
    "users",
    "workspaces"
  ],
  "EventSubscription": [
    "attempts"
  ],
  "Operation": [
    "items"
  ],
  "Organization": [
    "auditLog",
    "invites",
    "members",
    "operations",
    "roles",
    "workspaces"
  ],
  "Viewer": [
    "accessTokens",
    "invites",
    "organizations",
    "sessions",
    "workspaces"
  ],
  "Workspace": [
    "capabilities",
    "eventSubscriptions",
    "extensions",
    "invites",
    "members",
    "resources",
    "roles"
  ]
}
