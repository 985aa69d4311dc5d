import { isPlatformAdmin } from '../../access/rules.ts'
import { builder } from '../../graphql/builder.ts'

/** What platform administrators look at: each part of it adds its own fields. */
export const Admin = builder.objectRef<Record<never, never>>('Admin').implement({
  description:
    'The whole instance, whatever roles one has in it. Every look at something of a tenant is in the audit log of the platform.',
})

builder.queryField('admin', (t) =>
  t.field({
    type: Admin,
    nullable: true,
    description: 'For platform administrators.',
    extensions: { gate: isPlatformAdmin },
    resolve: () => ({}),
  }),
)
