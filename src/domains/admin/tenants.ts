import { recordAccess } from '../../access/record-access.ts'
import { builder } from '../../graphql/builder.ts'
import { rootList } from '../../graphql/connection.ts'
import { idOf } from '../../graphql/ids.ts'
import { missing } from '../../platform/refusal.ts'
import { organizationList } from '../organization/list.ts'
import { visibleOrganizations } from '../organization/policy.ts'
import { Organization, OrganizationConnection } from '../organization/types.ts'
import { workspaceList } from '../workspace/list.ts'
import { visibleWorkspaces } from '../workspace/policy.ts'
import { DeletedEnum, deletedFilter, Workspace, WorkspaceConnection } from '../workspace/types.ts'
import { Admin } from './types.ts'

const ofDeleted = 'Those of a deleted organization come back with it.'

builder.objectFields(Admin, (t) => {
  const deleted = t.arg({
    type: DeletedEnum,
    defaultValue: 'EXCLUDE',
    description: 'Whether deleted ones are shown.',
  })
  return {
    workspace: t.prismaField({
      type: Workspace,
      nullable: true,
      description: `One workspace, without a role on it. ${ofDeleted} Null, with NOT_FOUND, when there is none.`,
      args: { id: t.arg.id({ required: true, description: 'The id of a workspace.' }), deleted },
      resolve: async (query, _admin, args, context) => {
        const id = idOf(args.id, 'Workspace')
        await recordAccess(context, 'Admin.workspace', { type: 'Workspace', id })
        return (
          (await context.db.workspace.findUnique({
            ...query,
            where: { id, AND: [visibleWorkspaces(context.viewer), deletedFilter(args.deleted)] },
          })) ?? missing()
        )
      },
    }),
    organization: t.prismaField({
      type: Organization,
      nullable: true,
      description:
        'One organization, without a role in it; null, with NOT_FOUND, when there is none. The lists of a deleted one are empty.',
      args: { id: t.arg.id({ required: true, description: 'The id of an organization.' }), deleted },
      resolve: async (query, _admin, args, context) => {
        const id = idOf(args.id, 'Organization')
        await recordAccess(context, 'Admin.organization', { type: 'Organization', id })
        return (
          (await context.db.organization.findUnique({
            ...query,
            where: { id, AND: [visibleOrganizations(context.viewer), deletedFilter(args.deleted)] },
          })) ?? missing()
        )
      },
    }),
    workspaces: t.field(
      recorded(
        'Admin.workspaces',
        rootList('Admin.workspaces', ({ db }) => db.workspace, {
          type: WorkspaceConnection,
          list: workspaceList,
          description: `All workspaces of the instance, newest first. ${ofDeleted}`,
          args: { deleted },
          where: ({ viewer }, args) => ({ AND: [visibleWorkspaces(viewer), deletedFilter(args.deleted)] }),
        }),
      ) as never,
    ),
    organizations: t.field(
      recorded(
        'Admin.organizations',
        rootList('Admin.organizations', ({ db }) => db.organization, {
          type: OrganizationConnection,
          list: organizationList,
          description: 'All organizations of the instance, newest first.',
          args: { deleted },
          where: ({ viewer }, args) => ({ AND: [visibleOrganizations(viewer), deletedFilter(args.deleted)] }),
        }),
      ) as never,
    ),
  }
})

/** A list whose every page is in the audit log. */
function recorded<List extends { resolve: (...args: never[]) => unknown }>(field: string, list: List): List {
  const resolve: typeof list.resolve = async (...args: never[]) => {
    await recordAccess(args[2] as never, field)
    return list.resolve(...args)
  }
  return { ...list, resolve }
}
