import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

/** What is registered in a workspace, filtered and ordered (T9). */
export const capabilityList = defineList('Capability', {
  fields: {
    name: text(['name', 'title', 'display_name'], ['name'], 'The name by which it is looked up.'),
    version: { ...text(['version'], ['version'], 'Its version.'), absent: { version: null } },
    description: text(['description'], ['description'], 'What it does.'),
    createdAt: time('create', 'When it was registered.'),
  },
  bare: 'name',
  orders: ['name', 'createdAt'],
  defaultOrder: 'create_time desc',
})
