import { queryFromInfo } from '@pothos/plugin-prisma'
import { builder } from '../../graphql/builder.ts'
import { idOf } from '../../graphql/ids.ts'
import { badInput, notFound } from '../../platform/refusal.ts'
import { visibleMembers } from '../member/policy.ts'
import { visibleWorkspaces } from '../workspace/policy.ts'
import { Workspace } from '../workspace/types.ts'

const MOST_IDS = 1_000

interface WorkspaceMemberCount {
  workspace: { id: string }
  memberCount: number
}

const WorkspaceMemberCountType = builder.objectRef<WorkspaceMemberCount>('WorkspaceMemberCount').implement({
  description: 'How many people have a role on one workspace.',
  fields: (t) => ({
    workspace: t.field({
      type: Workspace,
      description: 'The workspace.',
      resolve: ({ workspace }) => workspace as never,
    }),
    memberCount: t.exposeInt('memberCount', {
      description: 'How many people have a role on it, as its `members` lists them.',
    }),
  }),
})

builder.prismaObjectField('Organization', 'workspaceMemberCounts', (t) =>
  t.field({
    type: [WorkspaceMemberCountType],
    nullable: true,
    description:
      'Counts the members of workspaces of this organization, all at once and in the order of the ids. Null, with NOT_FOUND, when one of them is not a workspace here that the viewer can see.',
    args: {
      workspaceIds: t.arg.idList({
        required: true,
        description: `At most ${MOST_IDS} ids; a repeated one counts once.`,
      }),
    },
    resolve: async ({ id }, { workspaceIds }, context, info) => {
      const { db, viewer } = context
      if (workspaceIds.length > MOST_IDS)
        throw badInput('TOO_MANY_IDS', `Ask for at most ${MOST_IDS} ids at once.`)
      const ids = [...new Set(workspaceIds.map((given) => idOf(given, 'Workspace')))]
      const selection = queryFromInfo({
        context,
        info,
        typeName: 'Workspace',
        path: ['workspace'],
        select: { id: true } as never,
      })
      const where = { id: { in: ids }, organizationId: id, deletedAt: null }
      const rows: { id: string }[] = await db.workspace.findMany({
        ...(selection as { select: { id: true } }),
        where: { ...where, AND: [visibleWorkspaces(viewer)] },
      })
      if (rows.length < ids.length) throw notFound()
      const groups = await db.member.groupBy({
        by: ['workspaceId'],
        where: { workspaceId: { in: ids }, AND: [visibleMembers(viewer)] },
        _count: true,
      })
      const counts = new Map(groups.map(({ workspaceId, _count }) => [workspaceId, _count]))
      return rows
        .map((workspace) => ({ workspace, memberCount: counts.get(workspace.id) ?? 0 }))
        .sort((a, b) => ids.indexOf(a.workspace.id) - ids.indexOf(b.workspace.id))
    },
  }),
)
