import {
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { gateOf } from '../../src/access/guard.ts'
import { schema } from '../../src/schema.ts'
import { connections, type Field, fieldsOf, objectTypes, ownTypes } from './walk.ts'

const fielded = ownTypes.filter((type) => isObjectType(type) || isInterfaceType(type))
const inputTypes = ownTypes.filter(isInputObjectType)
const enums = ownTypes.filter(isEnumType)
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
  (type): type is GraphQLObjectType => Boolean(type),
)
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
const isError = (type: unknown) =>
  isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Error')
const upperFirst = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

/** Every name at which something is said: of a type, a field, an argument, an enum value or an input field. */
const named = [
  ...ownTypes.map((type) => ({ name: type.name, description: type.description })),
  ...fielded.flatMap((type) =>
    fieldsOf(type).flatMap((field) => [
      { name: `${type.name}.${field.name}`, description: field.description },
      ...field.args.map((argument) => ({
        name: `${type.name}.${field.name}(${argument.name}:)`,
        description: argument.description,
      })),
    ]),
  ),
  ...inputTypes.flatMap((type) =>
    Object.values(type.getFields()).map(({ name, description }) => ({
      name: `${type.name}.${name}`,
      description,
    })),
  ),
  ...enums.flatMap((type) =>
    type.getValues().map(({ name, description }) => ({ name: `${type.name}.${name}`, description })),
  ),
]

describe('descriptions are the manual (T13)', () => {
  test('everything has one', () => {
    expect(named.filter(({ description }) => !description).map(({ name }) => name)).toEqual([])
  })

  test('they are sentences: a capital or a name at the start, a full stop at the end, plain letters', () => {
    const odd = named.filter(({ description }) => description && !/^[`"A-Z0-9][\s\S]*[.]$/.test(description))
    expect(odd.map(({ name, description }) => `${name}: ${description}`)).toEqual([])
    const flourished = named.filter(({ description }) => /[\u2013\u2014]/.test(description ?? ''))
    expect(flourished.map(({ name }) => name)).toEqual([])
  })

  test('they name no row of a design: clients do not have those', () => {
    const row = /\b[A-Z]\d{1,2}\b|\b(lesson|issue|rule) \d|\w\.md\b/
    const coded = named.filter(({ description }) => row.test(description ?? ''))
    expect(coded.map(({ name, description }) => `${name}: ${description}`)).toEqual([])
  })

  test('a field of an object that can be null says when', () => {
    const silent = objectTypes
      .filter((type) => !roots.includes(type) && type.name !== 'PageInfo')
      .flatMap((type) =>
        fieldsOf(type)
          .filter((field) => !isNonNullType(field.type) && !/\b[Nn]ull\b|Needs/.test(field.description ?? ''))
          .map((field) => `${type.name}.${field.name}`),
      )
    expect(silent).toEqual([])
  })
})

describe('roots', () => {
  const fields = roots.flatMap((root) =>
    fieldsOf(root).map((field) => ({ name: `${root.name}.${field.name}`, field })),
  )

  test('each declares its gate', () => {
    expect(fields.filter(({ field }) => !gateOf(field)).map(({ name }) => name)).toEqual([])
  })

  test('each is nullable, so that a refusal does not null the whole answer; of `nodes` each row is', () => {
    const strict = fields.filter(({ field }) => isNonNullType(field.type)).map(({ name }) => name)
    expect(strict).toEqual(['Query.nodes'])
    expect(String(schema.getQueryType()?.getFields().nodes?.type)).toBe('[Node]!')
  })
})

/** Every verb that a mutation may begin with: one word per thing that is done (api.md → Writing). */
const VERBS =
  /^(accept|add|cancel|change|clone|close|create|decline|delete|install|leave|provision|purge|register|remove|replay|request|resend|reset|restore|revoke|rotate|send|set|sign|transfer|uninstall|update|verify)([A-Z][A-Za-z]*)?$/

describe('mutations', () => {
  test.each(mutations.map((field) => [field.name, field] as const))('%s', (name, field) => {
    expect(name).toMatch(VERBS)
    const Name = upperFirst(name)
    const expectedArguments = field.args.length === 0 ? [] : [`input: ${Name}Input!`]
    expect(field.args.map((argument) => `${argument.name}: ${argument.type}`)).toEqual(expectedArguments)
    expect(String(field.type)).toBe(`${Name}Result`)
    const result = getNamedType(field.type)
    if (!isUnionType(result)) throw new Error(`${Name}Result is no union`)
    const members = result.getTypes()
    const [payload, ...more] = members.filter((type) => !isError(type))
    expect([payload?.name, ...more]).toEqual([`${Name}Payload`])
    expect(members.some((type) => type.name === 'ValidationError')).toBe(field.args.length > 0)
  })

  test('every input is used', () => {
    const taking = [...mutations, ...fielded.flatMap(fieldsOf)]
    const used = new Set(taking.flatMap(({ args }) => args.map(({ type }) => getNamedType(type).name)))
    const nested = new Set(
      inputTypes.flatMap((type) =>
        Object.values(type.getFields()).map(({ type: of }) => getNamedType(of).name),
      ),
    )
    const unused = inputTypes.filter(({ name }) => !used.has(name) && !nested.has(name))
    expect(unused.map(({ name }) => name)).toEqual([])
  })

  test('none answers "success"', () => {
    const words = fielded.flatMap((type) =>
      fieldsOf(type)
        .filter(({ name }) => /^(success|succeeded|ok|errors?)$/i.test(name))
        .map(({ name }) => `${type.name}.${name}`),
    )
    expect(words.filter((name) => !/^Operation(Item)?\./.test(name))).toEqual([])
  })
})

describe('errors', () => {
  const errors = objectTypes.filter(isError)

  test('each has a message, and is answered by a mutation', () => {
    const members = new Set(
      ownTypes.filter(isUnionType).flatMap((union) => union.getTypes().map(({ name }) => name)),
    )
    expect(errors.filter(({ name }) => !members.has(name)).map(({ name }) => name)).toEqual([])
    expect(errors.map((type) => String(type.getFields().message?.type))).toEqual(errors.map(() => 'String!'))
  })

  test('they are facts: no name ends in Error or Exception but that of validation', () => {
    const named = errors.filter(({ name }) => /(Error|Exception|Failed)$/.test(name))
    expect(named.map(({ name }) => name)).toEqual(['ValidationError'])
  })
})

describe('names', () => {
  test('enum values are SCREAMING', () => {
    const odd = enums.flatMap((type) => type.getValues().map(({ name }) => `${type.name}.${name}`))
    expect(odd.filter((name) => !/\.[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(name))).toEqual([])
  })

  test('types are in PascalCase, fields and arguments in camelCase', () => {
    expect(ownTypes.map(({ name }) => name).filter((name) => !/^[A-Z][A-Za-z0-9]*$/.test(name))).toEqual([])
    const members = named.flatMap(({ name }) => /[.(]([a-z]\w*)/.exec(name)?.[1] ?? [])
    expect(members.filter((name) => !/^[a-z][A-Za-z0-9]*$/.test(name))).toEqual([])
  })

  test('an instant is called xAt, and nothing else is', () => {
    const typed = [
      ...fielded.flatMap((type) => fieldsOf(type).map(({ name, type: of }) => ({ owner: type, name, of }))),
      ...inputTypes.flatMap((type) =>
        Object.values(type.getFields()).map(({ name, type: of }) => ({ owner: type, name, of })),
      ),
    ]
    // `createdAt: { gt: … }` asks about an instant; its questions are called eq, lt and so on.
    const instants = ['DateTime', 'DateTimeWhere']
    const odd = typed.filter(
      ({ owner, name, of }) =>
        owner.name !== 'DateTimeWhere' &&
        instants.includes(getNamedType(of).name) !== /^[a-z]+[A-Za-z]*At$/.test(name),
    )
    expect(odd.map(({ owner, name }) => `${owner.name}.${name}`)).toEqual([])
  })

  test('an id is called id or xId, several xIds', () => {
    const odd = fielded.flatMap((type) =>
      fieldsOf(type).flatMap((field) => [
        ...(isId(field) && !/^(id|.+Ids?)$/.test(field.name) ? [`${type.name}.${field.name}`] : []),
        ...field.args
          .filter((argument) => isId(argument) && !/^(ids?|.+Ids?)$/.test(argument.name))
          .map(({ name }) => `${type.name}.${field.name}(${name}:)`),
      ]),
    )
    const inputs = inputTypes.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => isId(field) && !/^(id|.+Ids?)$/.test(field.name))
        .map(({ name }) => `${type.name}.${name}`),
    )
    // Whoever is handed something is named by what happens.
    expect([...odd, ...inputs].filter((name) => !/\.transfer[A-Z]\w*To$/.test(name))).toEqual([])
  })
})

const isId = ({ type }: Pick<Field, 'type'> | { type: unknown }) =>
  String(getNamedType(type as Field['type'])) === 'ID'

/** Lists in the one order of a log, which takes types where others take filters. */
const FEEDS = new Set(['Query.events'])
const FILTERED = (row: string) => [
  'filter: String',
  'orderBy: String',
  `where: ${row}Where`,
  `sort: [${row}Sort!]`,
]

describe('lists', () => {
  test.each(connections.map(({ owner, field }) => [`${owner.name}.${field.name}`, field] as const))(
    '%s: P3 P7 P10 P12 is a connection with the arguments of every list',
    (name, field) => {
      const args = field.args.map((argument) => `${argument.name}: ${argument.type}`)
      const row = getNamedType(field.type).name.replace(/Connection$/, '')
      expect(args).toEqual(
        expect.arrayContaining([
          ...['first: Int', 'after: String', 'last: Int', 'before: String'],
          ...(FEEDS.has(name) ? ['types: [String!]'] : FILTERED(row)),
        ]),
      )
      const type = getNamedType(field.type) as GraphQLObjectType
      const Name = type.name.replace(/Connection$/, '')
      expect(fieldsOf(type).map((own) => `${own.name}: ${own.type}`)).toEqual(
        expect.arrayContaining([
          `nodes: [${Name}!]!`,
          `edges: [${Name}Edge!]!`,
          'pageInfo: PageInfo!',
          'totalCount: Int!',
        ]),
      )
    },
  )

  test('no field lists rows that have an id of their own in any other way', () => {
    const bare = objectTypes
      // An error names all that stands in the way.
      .filter((type) => !isError(type) && !/(Connection|Payload)$/.test(type.name) && type.name !== 'Query')
      .flatMap((type) =>
        fieldsOf(type)
          .filter((field) => String(field.type).startsWith('['))
          .filter((field) => {
            const row = getNamedType(field.type)
            return isObjectType(row) && row.getInterfaces().some(({ name }) => name === 'Node')
          })
          .map((field) => `${type.name}.${field.name}`),
      )
    expect(bare).toEqual([])
  })
})
