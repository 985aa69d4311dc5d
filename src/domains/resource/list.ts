import { builder } from '../../graphql/builder.ts'
import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'

export const ResourceKindEnum = builder.enumType('ResourceKind', {
  description: 'What a resource is.',
  values: {
    BUCKET: { description: 'A place for objects.' },
    REPOSITORY: { description: 'A place for versioned files.' },
  } as const,
})

export const resourceList = defineList('Resource', {
  fields: {
    name: text(['name', 'title'], ['name'], 'What people call it.'),
    kind: {
      kind: 'choice',
      names: ['kind'],
      path: ['kind'],
      description: 'What it is.',
      type: ResourceKindEnum as never,
      values: ['BUCKET', 'REPOSITORY'],
    },
    uri: { ...text(['uri'], ['uri'], 'Where it is kept.'), absent: { uri: null } },
    createdAt: time('create', 'When it was registered.'),
  },
  bare: 'name',
  orders: ['name', 'createdAt'],
  defaultOrder: 'create_time desc',
})
