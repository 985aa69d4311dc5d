/** A column or a relation of a model, as the Prisma schema declares it. */
export interface ModelField {
  name: string
  /** The column; of a relation its name alone. */
  column: string
  type: string
  /** The type of the column, where its values are written in JSON as they are sent. */
  sqlType: string | null
  isList: boolean
  isRequired: boolean
  /** Of a relation: the model behind it, and which fields of both have to be equal. */
  relation: { model: string; own: readonly string[]; other: readonly string[] } | null
}

export interface Model {
  name: string
  table: string
  fields: ReadonlyMap<string, ModelField>
  columns: readonly ModelField[]
}

export interface DataModel {
  models: ReadonlyMap<string, Model>
  /** Enums whose values are stored under their own names. */
  enums: ReadonlySet<string>
}

interface Draft {
  field: ModelField
  relationName: string | null
}

/** Under what Prisma's client has a model. */
export const delegateName = (model: string): string => model[0]?.toLowerCase() + model.slice(1)

const BLOCK = /^(model|view|enum)\s+(\w+)\s*\{\n([\s\S]*?)^\}/gm
const FIELD = /^\s+(\w+)\s+(\w+)(\[\])?(\?)?(\s.*)?$/

/**
 * Reads the text of a Prisma schema as far as reading rows needs it: tables, columns, relations. The generated client tells
 * neither columns nor both sides of a relation.
 *
 * @param schema in the layout of `prisma format`: one field to a line
 */
export function readDataModel(schema: string): DataModel {
  const blocks = [...schema.matchAll(BLOCK)].map(([, kind = '', name = '', body = '']) => ({
    kind,
    name,
    body,
  }))
  const modelNames = new Set(blocks.filter(({ kind }) => kind !== 'enum').map(({ name }) => name))
  const enumTypes = new Map(
    blocks.flatMap(({ kind, name, body }) => (kind === 'enum' ? [[name, `"${mapped(body) ?? name}"`]] : [])),
  )
  const drafts = new Map<string, { table: string; fields: Draft[] }>()
  for (const { kind, name, body } of blocks) {
    if (kind === 'enum') continue
    const lines = body.split('\n').filter((line) => !line.trim().startsWith('//'))
    const fields = lines.flatMap((line) => fieldOf(line, modelNames, enumTypes) ?? [])
    drafts.set(name, { table: mapped(body) ?? name, fields })
  }
  const models = [...drafts].map(([name, { table, fields }]): [string, Model] => {
    const complete = fields.map((draft) => withOtherSide(name, draft, drafts))
    const columns = complete.filter(({ relation, type }) => !relation && !modelNames.has(type))
    return [name, { name, table, fields: new Map(complete.map((field) => [field.name, field])), columns }]
  })
  const enums = blocks.filter(({ kind, body }) => kind === 'enum' && !/\s@map\(/.test(body))
  return { models: new Map(models), enums: new Set(enums.map(({ name }) => name)) }
}

/** The name that a block has in the database, where it is another. */
const mapped = (body: string) => /^\s+@@map\("([^"]+)"\)/m.exec(body)?.[1]

const TEXTS: Record<string, string> = { Uuid: 'uuid', Citext: 'citext' }

function sqlTypeOf(type: string, attributes: string, enumTypes: ReadonlyMap<string, string>): string | null {
  const enumType = enumTypes.get(type)
  if (enumType) return enumType
  const named = /@db\.(\w+)/.exec(attributes)?.[1]
  if (type === 'String') return named === undefined ? 'text' : (TEXTS[named] ?? null)
  return named === undefined && (type === 'Int' || type === 'Boolean') ? type : null
}

function fieldOf(
  line: string,
  modelNames: ReadonlySet<string>,
  enumTypes: ReadonlyMap<string, string>,
): Draft | null {
  const [, name, type, list, optional, attributes = ''] = FIELD.exec(line) ?? []
  if (!name || !type) return null
  const isRelation = modelNames.has(type)
  const declared = /@relation\(([^)]*(?:\[[^\]]*\][^)]*)*)\)/.exec(attributes)?.[1] ?? ''
  const names = (key: string) =>
    new RegExp(`${key}:\\s*\\[([^\\]]*)\\]`)
      .exec(declared)?.[1]
      ?.split(',')
      .map((each) => each.trim())
  const own = names('fields')
  const other = names('references')
  return {
    relationName: /^\s*(?:name:\s*)?"([^"]+)"/.exec(declared)?.[1] ?? null,
    field: {
      name,
      column: /@map\("([^"]+)"\)/.exec(attributes)?.[1] ?? name,
      type,
      sqlType: list ? null : sqlTypeOf(type, attributes, enumTypes),
      isList: Boolean(list),
      isRequired: !optional,
      relation: isRelation && own && other ? { model: type, own, other } : null,
    },
  }
}

/** The side of a relation that holds no key has the keys of the other one. */
function withOtherSide(
  model: string,
  { field, relationName }: Draft,
  drafts: ReadonlyMap<string, { fields: Draft[] }>,
): ModelField {
  if (field.relation || !drafts.has(field.type)) return field
  const back = drafts
    .get(field.type)
    ?.fields.filter((each) => each.field.relation?.model === model && each.relationName === relationName)
  const [only, ...more] = back ?? []
  if (!only?.field.relation || more.length > 0) return field
  const { own, other } = only.field.relation
  return { ...field, relation: { model: field.type, own: other, other: own } }
}
