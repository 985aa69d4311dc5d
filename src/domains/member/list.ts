import { text, time } from '../../graphql/lists/columns.ts'
import { defineList } from '../../graphql/lists/list.ts'
import { roleScopeColumn, rolesCalled } from '../role/list.ts'
import { MemberSourceEnum } from './types.ts'

/** Everybody in a scope, filtered and ordered by who they are and what role they have (P8, P11). */
export const memberList = defineList('Member', {
  fields: {
    role: {
      kind: 'term',
      names: ['role'],
      description: 'The role that counts here, by key, name or alias, in any case.',
      through: 'role',
      match: rolesCalled,
    },
    roleScope: roleScopeColumn(['role', 'scope']),
    search: {
      kind: 'search',
      names: ['search'],
      description: 'A part of the display name or the e-mail address, in any case.',
      through: 'user',
      match: (part) => ({ searchText: part }),
    },
    email: { ...text(['email'], ['user', 'email'], 'The address of the person.'), lower: true },
    displayName: text(
      ['display_name', 'full_name', 'name'],
      ['user', 'name'],
      'What the person calls themselves.',
    ),
    source: {
      kind: 'choice',
      names: ['source'],
      description: 'Where the role comes from.',
      type: MemberSourceEnum as never,
      values: ['DIRECT', 'ORGANIZATION'],
      path: ['source'],
    },
    createdAt: time('create', 'Since when they have a role here.'),
    updatedAt: time('update', 'When their role was last changed.'),
  },
  bare: 'search',
  orders: ['displayName', 'email', 'createdAt', 'updatedAt'],
  defaultOrder: 'created_time desc',
  // The view's id is text that no index holds; within one scope the grant tells the rows apart as well, and is in it.
  unique: 'grantId',
})
