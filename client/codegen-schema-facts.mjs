import { isAbstractType, isObjectType } from 'graphql'

/**
 * Prints what a cache has to know of the schema: what an interface or union can be, which types have no id, and which
 * fields are lists in pages.
 */
export const plugin = (schema) => {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const objects = types.filter((type) => isObjectType(type) && !roots.includes(type))
  const possibleTypes = Object.fromEntries(
    types.filter(isAbstractType).map((type) => [type.name, namesOf(schema.getPossibleTypes(type))]),
  )
  const withoutId = objects.filter((type) => !type.getFields().id)
  const lists = Object.fromEntries(
    [schema.getQueryType(), ...objects]
      .map((type) => [type.name, namesOf(Object.values(type.getFields()).filter(isList))])
      .filter(([, fields]) => fields.length > 0),
  )
  return [
    constant('possibleTypes', possibleTypes, 'What an interface or a union can be.'),
    constant('typesWithoutId', namesOf(withoutId), 'Types whose objects live inside of another object.'),
    constant('lists', lists, 'Fields that are read in pages, by type.'),
  ].join('\n')
}

const namesOf = (named) => named.map(({ name }) => name).sort()

const isList = ({ type }) => /Connection!?$/.test(String(type))

const constant = (name, value, about) =>
  `/** ${about} */\nexport const ${name} = ${JSON.stringify(value, null, 2)}\n`
