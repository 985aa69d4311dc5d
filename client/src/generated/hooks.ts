import * as Operations from './operations.js';
import * as Urql from 'urql';
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;


export function useAdminUsersQuery(options?: Omit<Urql.UseQueryArgs<Operations.AdminUsersQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AdminUsersQuery, Operations.AdminUsersQueryVariables>({ query: Operations.AdminUsersDocument, ...options });
};

export function useAdminUserQuery(options: Omit<Urql.UseQueryArgs<Operations.AdminUserQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AdminUserQuery, Operations.AdminUserQueryVariables>({ query: Operations.AdminUserDocument, ...options });
};

export function useAdminOrganizationsQuery(options?: Omit<Urql.UseQueryArgs<Operations.AdminOrganizationsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AdminOrganizationsQuery, Operations.AdminOrganizationsQueryVariables>({ query: Operations.AdminOrganizationsDocument, ...options });
};

export function useAdminOrganizationQuery(options: Omit<Urql.UseQueryArgs<Operations.AdminOrganizationQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AdminOrganizationQuery, Operations.AdminOrganizationQueryVariables>({ query: Operations.AdminOrganizationDocument, ...options });
};

export function useAdminWorkspacesQuery(options?: Omit<Urql.UseQueryArgs<Operations.AdminWorkspacesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AdminWorkspacesQuery, Operations.AdminWorkspacesQueryVariables>({ query: Operations.AdminWorkspacesDocument, ...options });
};

export function useAdminWorkspaceQuery(options: Omit<Urql.UseQueryArgs<Operations.AdminWorkspaceQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AdminWorkspaceQuery, Operations.AdminWorkspaceQueryVariables>({ query: Operations.AdminWorkspaceDocument, ...options });
};

export function usePurgeWorkspaceMutation() {
  return Urql.useMutation<Operations.PurgeWorkspaceMutation, Operations.PurgeWorkspaceMutationVariables>(Operations.PurgeWorkspaceDocument);
};

export function useCreateUserMutation() {
  return Urql.useMutation<Operations.CreateUserMutation, Operations.CreateUserMutationVariables>(Operations.CreateUserDocument);
};

export function useUpdateUserMutation() {
  return Urql.useMutation<Operations.UpdateUserMutation, Operations.UpdateUserMutationVariables>(Operations.UpdateUserDocument);
};

export function useDeleteUserMutation() {
  return Urql.useMutation<Operations.DeleteUserMutation, Operations.DeleteUserMutationVariables>(Operations.DeleteUserDocument);
};

export function useEventsQuery(options: Omit<Urql.UseQueryArgs<Operations.EventsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.EventsQuery, Operations.EventsQueryVariables>({ query: Operations.EventsDocument, ...options });
};

export function useOrganizationAuditLogQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationAuditLogQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationAuditLogQuery, Operations.OrganizationAuditLogQueryVariables>({ query: Operations.OrganizationAuditLogDocument, ...options });
};

export function useEventByIdQuery(options: Omit<Urql.UseQueryArgs<Operations.EventByIdQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.EventByIdQuery, Operations.EventByIdQueryVariables>({ query: Operations.EventByIdDocument, ...options });
};

export function useEventSubscriptionByIdQuery(options: Omit<Urql.UseQueryArgs<Operations.EventSubscriptionByIdQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.EventSubscriptionByIdQuery, Operations.EventSubscriptionByIdQueryVariables>({ query: Operations.EventSubscriptionByIdDocument, ...options });
};

export function useDeliveryAttemptsQuery(options: Omit<Urql.UseQueryArgs<Operations.DeliveryAttemptsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.DeliveryAttemptsQuery, Operations.DeliveryAttemptsQueryVariables>({ query: Operations.DeliveryAttemptsDocument, ...options });
};

export function useOrganizationEventsSubscription<TData = Operations.OrganizationEventsSubscription>(options: Omit<Urql.UseSubscriptionArgs<Operations.OrganizationEventsSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.OrganizationEventsSubscription, TData>) {
  return Urql.useSubscription<Operations.OrganizationEventsSubscription, TData, Operations.OrganizationEventsSubscriptionVariables>({ query: Operations.OrganizationEventsDocument, ...options }, handler);
};

export function useWorkspaceEventsSubscription<TData = Operations.WorkspaceEventsSubscription>(options: Omit<Urql.UseSubscriptionArgs<Operations.WorkspaceEventsSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.WorkspaceEventsSubscription, TData>) {
  return Urql.useSubscription<Operations.WorkspaceEventsSubscription, TData, Operations.WorkspaceEventsSubscriptionVariables>({ query: Operations.WorkspaceEventsDocument, ...options }, handler);
};

export function useViewerQuery(options?: Omit<Urql.UseQueryArgs<Operations.ViewerQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.ViewerQuery, Operations.ViewerQueryVariables>({ query: Operations.ViewerDocument, ...options });
};

export function useSessionsQuery(options?: Omit<Urql.UseQueryArgs<Operations.SessionsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.SessionsQuery, Operations.SessionsQueryVariables>({ query: Operations.SessionsDocument, ...options });
};

export function useAccessTokensQuery(options?: Omit<Urql.UseQueryArgs<Operations.AccessTokensQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.AccessTokensQuery, Operations.AccessTokensQueryVariables>({ query: Operations.AccessTokensDocument, ...options });
};

export function useNodeQuery(options: Omit<Urql.UseQueryArgs<Operations.NodeQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.NodeQuery, Operations.NodeQueryVariables>({ query: Operations.NodeDocument, ...options });
};

export function useNodesQuery(options: Omit<Urql.UseQueryArgs<Operations.NodesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.NodesQuery, Operations.NodesQueryVariables>({ query: Operations.NodesDocument, ...options });
};

export function useSignUpByInviteMutation() {
  return Urql.useMutation<Operations.SignUpByInviteMutation, Operations.SignUpByInviteMutationVariables>(Operations.SignUpByInviteDocument);
};

export function useSignUpMutation() {
  return Urql.useMutation<Operations.SignUpMutation, Operations.SignUpMutationVariables>(Operations.SignUpDocument);
};

export function useSignInMutation() {
  return Urql.useMutation<Operations.SignInMutation, Operations.SignInMutationVariables>(Operations.SignInDocument);
};

export function useSignOutMutation() {
  return Urql.useMutation<Operations.SignOutMutation, Operations.SignOutMutationVariables>(Operations.SignOutDocument);
};

export function useVerifyEmailMutation() {
  return Urql.useMutation<Operations.VerifyEmailMutation, Operations.VerifyEmailMutationVariables>(Operations.VerifyEmailDocument);
};

export function useResendVerificationEmailMutation() {
  return Urql.useMutation<Operations.ResendVerificationEmailMutation, Operations.ResendVerificationEmailMutationVariables>(Operations.ResendVerificationEmailDocument);
};

export function useRequestPasswordResetMutation() {
  return Urql.useMutation<Operations.RequestPasswordResetMutation, Operations.RequestPasswordResetMutationVariables>(Operations.RequestPasswordResetDocument);
};

export function useResetPasswordMutation() {
  return Urql.useMutation<Operations.ResetPasswordMutation, Operations.ResetPasswordMutationVariables>(Operations.ResetPasswordDocument);
};

export function useChangePasswordMutation() {
  return Urql.useMutation<Operations.ChangePasswordMutation, Operations.ChangePasswordMutationVariables>(Operations.ChangePasswordDocument);
};

export function useUpdateProfileMutation() {
  return Urql.useMutation<Operations.UpdateProfileMutation, Operations.UpdateProfileMutationVariables>(Operations.UpdateProfileDocument);
};

export function useCloseAccountMutation() {
  return Urql.useMutation<Operations.CloseAccountMutation, Operations.CloseAccountMutationVariables>(Operations.CloseAccountDocument);
};

export function useRevokeSessionMutation() {
  return Urql.useMutation<Operations.RevokeSessionMutation, Operations.RevokeSessionMutationVariables>(Operations.RevokeSessionDocument);
};

export function useRevokeOtherSessionsMutation() {
  return Urql.useMutation<Operations.RevokeOtherSessionsMutation, Operations.RevokeOtherSessionsMutationVariables>(Operations.RevokeOtherSessionsDocument);
};

export function useCreateAccessTokenMutation() {
  return Urql.useMutation<Operations.CreateAccessTokenMutation, Operations.CreateAccessTokenMutationVariables>(Operations.CreateAccessTokenDocument);
};

export function useRevokeAccessTokenMutation() {
  return Urql.useMutation<Operations.RevokeAccessTokenMutation, Operations.RevokeAccessTokenMutationVariables>(Operations.RevokeAccessTokenDocument);
};

export function useWorkspaceResourcesQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceResourcesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceResourcesQuery, Operations.WorkspaceResourcesQueryVariables>({ query: Operations.WorkspaceResourcesDocument, ...options });
};

export function useWorkspaceExtensionsQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceExtensionsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceExtensionsQuery, Operations.WorkspaceExtensionsQueryVariables>({ query: Operations.WorkspaceExtensionsDocument, ...options });
};

export function useWorkspaceCapabilitiesQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceCapabilitiesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceCapabilitiesQuery, Operations.WorkspaceCapabilitiesQueryVariables>({ query: Operations.WorkspaceCapabilitiesDocument, ...options });
};

export function useWorkspaceEventSubscriptionsQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceEventSubscriptionsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceEventSubscriptionsQuery, Operations.WorkspaceEventSubscriptionsQueryVariables>({ query: Operations.WorkspaceEventSubscriptionsDocument, ...options });
};

export function useRegisterResourceMutation() {
  return Urql.useMutation<Operations.RegisterResourceMutation, Operations.RegisterResourceMutationVariables>(Operations.RegisterResourceDocument);
};

export function useRemoveResourceMutation() {
  return Urql.useMutation<Operations.RemoveResourceMutation, Operations.RemoveResourceMutationVariables>(Operations.RemoveResourceDocument);
};

export function useInstallExtensionMutation() {
  return Urql.useMutation<Operations.InstallExtensionMutation, Operations.InstallExtensionMutationVariables>(Operations.InstallExtensionDocument);
};

export function useUpdateExtensionInstallationMutation() {
  return Urql.useMutation<Operations.UpdateExtensionInstallationMutation, Operations.UpdateExtensionInstallationMutationVariables>(Operations.UpdateExtensionInstallationDocument);
};

export function useUninstallExtensionMutation() {
  return Urql.useMutation<Operations.UninstallExtensionMutation, Operations.UninstallExtensionMutationVariables>(Operations.UninstallExtensionDocument);
};

export function useRegisterCapabilityMutation() {
  return Urql.useMutation<Operations.RegisterCapabilityMutation, Operations.RegisterCapabilityMutationVariables>(Operations.RegisterCapabilityDocument);
};

export function useRemoveCapabilityMutation() {
  return Urql.useMutation<Operations.RemoveCapabilityMutation, Operations.RemoveCapabilityMutationVariables>(Operations.RemoveCapabilityDocument);
};

export function useCreateEventSubscriptionMutation() {
  return Urql.useMutation<Operations.CreateEventSubscriptionMutation, Operations.CreateEventSubscriptionMutationVariables>(Operations.CreateEventSubscriptionDocument);
};

export function useUpdateEventSubscriptionMutation() {
  return Urql.useMutation<Operations.UpdateEventSubscriptionMutation, Operations.UpdateEventSubscriptionMutationVariables>(Operations.UpdateEventSubscriptionDocument);
};

export function useDeleteEventSubscriptionMutation() {
  return Urql.useMutation<Operations.DeleteEventSubscriptionMutation, Operations.DeleteEventSubscriptionMutationVariables>(Operations.DeleteEventSubscriptionDocument);
};

export function useReplayEventSubscriptionMutation() {
  return Urql.useMutation<Operations.ReplayEventSubscriptionMutation, Operations.ReplayEventSubscriptionMutationVariables>(Operations.ReplayEventSubscriptionDocument);
};

export function useRotateEventSubscriptionSecretMutation() {
  return Urql.useMutation<Operations.RotateEventSubscriptionSecretMutation, Operations.RotateEventSubscriptionSecretMutationVariables>(Operations.RotateEventSubscriptionSecretDocument);
};

export function useSendTestEventMutation() {
  return Urql.useMutation<Operations.SendTestEventMutation, Operations.SendTestEventMutationVariables>(Operations.SendTestEventDocument);
};

export function useOperationQuery(options: Omit<Urql.UseQueryArgs<Operations.OperationQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OperationQuery, Operations.OperationQueryVariables>({ query: Operations.OperationDocument, ...options });
};

export function useOrganizationOperationsQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationOperationsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationOperationsQuery, Operations.OrganizationOperationsQueryVariables>({ query: Operations.OrganizationOperationsDocument, ...options });
};

export function useOperationItemsQuery(options: Omit<Urql.UseQueryArgs<Operations.OperationItemsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OperationItemsQuery, Operations.OperationItemsQueryVariables>({ query: Operations.OperationItemsDocument, ...options });
};

export function useOperationProgressSubscription<TData = Operations.OperationProgressSubscription>(options: Omit<Urql.UseSubscriptionArgs<Operations.OperationProgressSubscriptionVariables>, 'query'>, handler?: Urql.SubscriptionHandler<Operations.OperationProgressSubscription, TData>) {
  return Urql.useSubscription<Operations.OperationProgressSubscription, TData, Operations.OperationProgressSubscriptionVariables>({ query: Operations.OperationProgressDocument, ...options }, handler);
};

export function useCloneWorkspaceMutation() {
  return Urql.useMutation<Operations.CloneWorkspaceMutation, Operations.CloneWorkspaceMutationVariables>(Operations.CloneWorkspaceDocument);
};

export function useProvisionWorkspacesMutation() {
  return Urql.useMutation<Operations.ProvisionWorkspacesMutation, Operations.ProvisionWorkspacesMutationVariables>(Operations.ProvisionWorkspacesDocument);
};

export function useCancelOperationMutation() {
  return Urql.useMutation<Operations.CancelOperationMutation, Operations.CancelOperationMutationVariables>(Operations.CancelOperationDocument);
};

export function useOrganizationsQuery(options?: Omit<Urql.UseQueryArgs<Operations.OrganizationsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationsQuery, Operations.OrganizationsQueryVariables>({ query: Operations.OrganizationsDocument, ...options });
};

export function useOrganizationQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationQuery, Operations.OrganizationQueryVariables>({ query: Operations.OrganizationDocument, ...options });
};

export function useOrganizationBySlugQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationBySlugQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationBySlugQuery, Operations.OrganizationBySlugQueryVariables>({ query: Operations.OrganizationBySlugDocument, ...options });
};

export function useOrganizationWorkspacesQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationWorkspacesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationWorkspacesQuery, Operations.OrganizationWorkspacesQueryVariables>({ query: Operations.OrganizationWorkspacesDocument, ...options });
};

export function useOrganizationMembersQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationMembersQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationMembersQuery, Operations.OrganizationMembersQueryVariables>({ query: Operations.OrganizationMembersDocument, ...options });
};

export function useOrganizationRolesQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationRolesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationRolesQuery, Operations.OrganizationRolesQueryVariables>({ query: Operations.OrganizationRolesDocument, ...options });
};

export function useOrganizationInvitesQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationInvitesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationInvitesQuery, Operations.OrganizationInvitesQueryVariables>({ query: Operations.OrganizationInvitesDocument, ...options });
};

export function useOrganizationSettingsQuery(options: Omit<Urql.UseQueryArgs<Operations.OrganizationSettingsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.OrganizationSettingsQuery, Operations.OrganizationSettingsQueryVariables>({ query: Operations.OrganizationSettingsDocument, ...options });
};

export function useWorkspaceMemberCountsQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceMemberCountsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceMemberCountsQuery, Operations.WorkspaceMemberCountsQueryVariables>({ query: Operations.WorkspaceMemberCountsDocument, ...options });
};

export function useCreateOrganizationMutation() {
  return Urql.useMutation<Operations.CreateOrganizationMutation, Operations.CreateOrganizationMutationVariables>(Operations.CreateOrganizationDocument);
};

export function useUpdateOrganizationMutation() {
  return Urql.useMutation<Operations.UpdateOrganizationMutation, Operations.UpdateOrganizationMutationVariables>(Operations.UpdateOrganizationDocument);
};

export function useDeleteOrganizationMutation() {
  return Urql.useMutation<Operations.DeleteOrganizationMutation, Operations.DeleteOrganizationMutationVariables>(Operations.DeleteOrganizationDocument);
};

export function useRestoreOrganizationMutation() {
  return Urql.useMutation<Operations.RestoreOrganizationMutation, Operations.RestoreOrganizationMutationVariables>(Operations.RestoreOrganizationDocument);
};

export function useTransferOwnershipMutation() {
  return Urql.useMutation<Operations.TransferOwnershipMutation, Operations.TransferOwnershipMutationVariables>(Operations.TransferOwnershipDocument);
};

export function useUpdateOrganizationSettingsMutation() {
  return Urql.useMutation<Operations.UpdateOrganizationSettingsMutation, Operations.UpdateOrganizationSettingsMutationVariables>(Operations.UpdateOrganizationSettingsDocument);
};

export function useInviteQuery(options: Omit<Urql.UseQueryArgs<Operations.InviteQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.InviteQuery, Operations.InviteQueryVariables>({ query: Operations.InviteDocument, ...options });
};

export function useViewerInvitesQuery(options?: Omit<Urql.UseQueryArgs<Operations.ViewerInvitesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.ViewerInvitesQuery, Operations.ViewerInvitesQueryVariables>({ query: Operations.ViewerInvitesDocument, ...options });
};

export function useAddMemberMutation() {
  return Urql.useMutation<Operations.AddMemberMutation, Operations.AddMemberMutationVariables>(Operations.AddMemberDocument);
};

export function useSetMemberRoleMutation() {
  return Urql.useMutation<Operations.SetMemberRoleMutation, Operations.SetMemberRoleMutationVariables>(Operations.SetMemberRoleDocument);
};

export function useSetMemberRolesMutation() {
  return Urql.useMutation<Operations.SetMemberRolesMutation, Operations.SetMemberRolesMutationVariables>(Operations.SetMemberRolesDocument);
};

export function useRemoveMemberMutation() {
  return Urql.useMutation<Operations.RemoveMemberMutation, Operations.RemoveMemberMutationVariables>(Operations.RemoveMemberDocument);
};

export function useLeaveMutation() {
  return Urql.useMutation<Operations.LeaveMutation, Operations.LeaveMutationVariables>(Operations.LeaveDocument);
};

export function useCreateRoleMutation() {
  return Urql.useMutation<Operations.CreateRoleMutation, Operations.CreateRoleMutationVariables>(Operations.CreateRoleDocument);
};

export function useUpdateRoleMutation() {
  return Urql.useMutation<Operations.UpdateRoleMutation, Operations.UpdateRoleMutationVariables>(Operations.UpdateRoleDocument);
};

export function useDeleteRoleMutation() {
  return Urql.useMutation<Operations.DeleteRoleMutation, Operations.DeleteRoleMutationVariables>(Operations.DeleteRoleDocument);
};

export function useCreateInvitesMutation() {
  return Urql.useMutation<Operations.CreateInvitesMutation, Operations.CreateInvitesMutationVariables>(Operations.CreateInvitesDocument);
};

export function useResendInviteMutation() {
  return Urql.useMutation<Operations.ResendInviteMutation, Operations.ResendInviteMutationVariables>(Operations.ResendInviteDocument);
};

export function useRevokeInviteMutation() {
  return Urql.useMutation<Operations.RevokeInviteMutation, Operations.RevokeInviteMutationVariables>(Operations.RevokeInviteDocument);
};

export function useAcceptInviteMutation() {
  return Urql.useMutation<Operations.AcceptInviteMutation, Operations.AcceptInviteMutationVariables>(Operations.AcceptInviteDocument);
};

export function useDeclineInviteMutation() {
  return Urql.useMutation<Operations.DeclineInviteMutation, Operations.DeclineInviteMutationVariables>(Operations.DeclineInviteDocument);
};

export function useWorkspacesQuery(options?: Omit<Urql.UseQueryArgs<Operations.WorkspacesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspacesQuery, Operations.WorkspacesQueryVariables>({ query: Operations.WorkspacesDocument, ...options });
};

export function useWorkspaceQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceQuery, Operations.WorkspaceQueryVariables>({ query: Operations.WorkspaceDocument, ...options });
};

export function useWorkspaceByKeyQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceByKeyQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceByKeyQuery, Operations.WorkspaceByKeyQueryVariables>({ query: Operations.WorkspaceByKeyDocument, ...options });
};

export function useWorkspaceMembersQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceMembersQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceMembersQuery, Operations.WorkspaceMembersQueryVariables>({ query: Operations.WorkspaceMembersDocument, ...options });
};

export function useWorkspaceRolesQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceRolesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceRolesQuery, Operations.WorkspaceRolesQueryVariables>({ query: Operations.WorkspaceRolesDocument, ...options });
};

export function useWorkspaceInvitesQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceInvitesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceInvitesQuery, Operations.WorkspaceInvitesQueryVariables>({ query: Operations.WorkspaceInvitesDocument, ...options });
};

export function useWorkspaceSettingsQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspaceSettingsQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspaceSettingsQuery, Operations.WorkspaceSettingsQueryVariables>({ query: Operations.WorkspaceSettingsDocument, ...options });
};

export function useWorkspacePreferencesQuery(options: Omit<Urql.UseQueryArgs<Operations.WorkspacePreferencesQueryVariables>, 'query'>) {
  return Urql.useQuery<Operations.WorkspacePreferencesQuery, Operations.WorkspacePreferencesQueryVariables>({ query: Operations.WorkspacePreferencesDocument, ...options });
};

export function useCreateWorkspaceMutation() {
  return Urql.useMutation<Operations.CreateWorkspaceMutation, Operations.CreateWorkspaceMutationVariables>(Operations.CreateWorkspaceDocument);
};

export function useUpdateWorkspaceMutation() {
  return Urql.useMutation<Operations.UpdateWorkspaceMutation, Operations.UpdateWorkspaceMutationVariables>(Operations.UpdateWorkspaceDocument);
};

export function useDeleteWorkspaceMutation() {
  return Urql.useMutation<Operations.DeleteWorkspaceMutation, Operations.DeleteWorkspaceMutationVariables>(Operations.DeleteWorkspaceDocument);
};

export function useRestoreWorkspaceMutation() {
  return Urql.useMutation<Operations.RestoreWorkspaceMutation, Operations.RestoreWorkspaceMutationVariables>(Operations.RestoreWorkspaceDocument);
};

export function useUpdateWorkspaceSettingsMutation() {
  return Urql.useMutation<Operations.UpdateWorkspaceSettingsMutation, Operations.UpdateWorkspaceSettingsMutationVariables>(Operations.UpdateWorkspaceSettingsDocument);
};

export function useUpdateWorkspacePreferencesMutation() {
  return Urql.useMutation<Operations.UpdateWorkspacePreferencesMutation, Operations.UpdateWorkspacePreferencesMutationVariables>(Operations.UpdateWorkspacePreferencesDocument);
};

export function useUpdateViewerPreferencesMutation() {
  return Urql.useMutation<Operations.UpdateViewerPreferencesMutation, Operations.UpdateViewerPreferencesMutationVariables>(Operations.UpdateViewerPreferencesDocument);
};

export function useSetWorkspacesMlEnabledMutation() {
  return Urql.useMutation<Operations.SetWorkspacesMlEnabledMutation, Operations.SetWorkspacesMlEnabledMutationVariables>(Operations.SetWorkspacesMlEnabledDocument);
};