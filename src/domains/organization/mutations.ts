import { isVerified } from '../../access/rules.ts'
import { errorType } from '../../graphql/errors.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { Workspace } from '../workspace/types.ts'
import { createOrganization } from './create-organization.ts'
import { SlugTaken } from './errors.ts'
import { Organization } from './types.ts'

const SlugTakenType = errorType(SlugTaken, {
  description: 'Another organization has this slug, perhaps a deleted one.',
  fields: (t) => ({ slug: t.exposeString('slug', { description: 'The slug that is taken.' }) }),
})

defineMutation({
  name: 'createOrganization',
  description:
    'Creates an organization with a first workspace, and makes the viewer the owner of both (O17).',
  gate: isVerified,
  input: (t) => ({
    name: t.string({ required: true, description: '1 to 120 characters.' }),
    slug: t.string({
      description:
        'Its name in links: at most 48 lower-case letters and digits, with single hyphens between. Absent, one is made from the name.',
    }),
    workspaceName: t.string({ description: 'The name of the first workspace; absent, `General`.' }),
  }),
  changesViewer: true,
  errors: [SlugTakenType],
  resolve: (context, input) => createOrganization(context, input),
  payload: {
    description: 'The organization was created.',
    fields: (t) => ({
      organization: t.field({
        type: Organization,
        description: 'The new organization.',
        resolve: ({ organizationId }) => ({ id: organizationId }) as never,
      }),
      workspace: t.field({
        type: Workspace,
        description: 'Its first workspace.',
        resolve: ({ workspaceId }) => ({ id: workspaceId }) as never,
      }),
    }),
  },
})
