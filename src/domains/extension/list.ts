import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

/** What is installed in a workspace, filtered and ordered (T8). */
export const extensionList = defineList('ExtensionInstallation', {
  fields: {
    key: text(['key', 'name'], ['key'], 'Its key where extensions come from.'),
    version: { ...text(['version'], ['version'], 'The installed version.'), absent: { version: null } },
    enabled: {
      kind: 'flag',
      names: ['enabled'],
      path: ['enabled'],
      description: 'Whether it is switched on.',
    },
    createdAt: time('create', 'When it was installed.'),
    updatedAt: time('update', 'When it was last changed.'),
  },
  bare: 'key',
  orders: ['key', 'createdAt', 'updatedAt'],
  defaultOrder: 'create_time desc',
})
