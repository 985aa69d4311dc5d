import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

export const organizationList = defineList('Organization', {
  fields: {
    name: text(['title', 'name', 'display_name'], ['name'], 'What people call it.'),
    slug: text(['slug'], ['slug'], 'Its name in links.'),
    createdAt: time('create', 'When it was created.'),
    updatedAt: time('update', 'When it was last changed.'),
    deletedAt: {
      ...time('delete', 'When it was deleted; only `deleted: INCLUDE` or `ONLY` lists such rows.'),
      absent: { deletedAt: null },
    },
  },
  bare: 'name',
  orders: ['name', 'slug', 'createdAt', 'updatedAt', 'deletedAt'],
  defaultOrder: 'create_time desc',
})
