import { type Owner, type Parameter, quoted, Unsupported, Writer } from './conditions.ts'
import type { DataModel, Model, ModelField } from './model.ts'
import type { Path, Query } from './shape.ts'

export type Operation = 'findUnique' | 'findFirst' | 'findMany'

/** One statement that answers all queries of a shape. */
export interface Statement {
  /** An expression that is the answer as JSON; null for a row that is not there. */
  json: string
  parameters: readonly Parameter[]
  /** Whether it may share a statement with what other requests ask: a page that ends where it is full, without a count. */
  isShared: boolean
  /** Makes the objects that Prisma would answer of the JSON that the statement does. */
  decode(json: unknown): unknown
}

interface Rows {
  sql: string
  /** A JavaScript expression that makes the objects of an array called by this name. */
  decoded: string
  row: string
}

type Nested = Record<string, unknown>

const KNOWN = new Set(['select', 'include', 'where', 'orderBy', 'take', 'relationLoadStrategy'])

/**
 * Writes the statement for queries of a shape: nested lists are aggregated to JSON, to-one relations are joined. Rows travel
 * as arrays, which is the smallest that JSON can be.
 *
 * @throws {Unsupported} for a query that has anything which is not known to answer as Prisma does
 */
export function writeStatement(
  data: DataModel,
  modelName: string,
  operation: Operation,
  query: Query,
): Statement {
  const writer = new Writer(data)
  const model = writer.model(modelName)
  if (operation === 'findUnique') refuseNoKey(model, query.where)
  const rows = rowsOf(writer, model, operation === 'findMany' ? query : { ...query, take: 1 }, [])
  const isMany = operation === 'findMany'
  const json = isMany ? aggregated(rows.sql) : `(SELECT j FROM (${rows.sql}) s)`
  // Only names of the schema's fields are in the text, and each of them is a word.
  const make = new Function(
    'time',
    isMany
      ? `return (all) => all.map((${rows.row}) => (${rows.decoded}))`
      : `return (${rows.row}) => (${rows.decoded})`,
  )
  const { parameters } = writer
  const isShared = !writer.isLong && parameters.every(({ type }) => type !== null)
  return { json, parameters, isShared, decode: make(timeOf) as Statement['decode'] }
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

const aggregated = (sql: string) => `(SELECT coalesce(json_agg(j), '[]'::json) FROM (${sql}) s)`

/** A look-up without its key would find any row at all; Prisma refuses it. */
function refuseNoKey(model: Model, where: unknown): void {
  const keys = Object.entries((where ?? {}) as Nested).filter(([name, value]) => {
    const field = model.fields.get(name)
    return field && !field.relation && value !== undefined && value !== null && typeof value !== 'object'
  })
  if (keys.length === 0) throw new Unsupported('a look-up without a key')
}

function rowsOf(writer: Writer, model: Model, query: Nested, path: Path, owner?: Omit<Owner, 'rows'>): Rows {
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && !KNOWN.has(key)) throw new Unsupported(key)
  const alias = writer.alias()
  if (owner) writer.own({ ...owner, rows: alias })
  const row = `r_${alias}`
  const joins: string[] = []
  const columns: string[] = []
  const decoded = objectOf({ writer, columns, joins, row }, model, alias, query, path)
  const orderJoins: string[] = []
  const keys = orderOf(writer, model, alias, query.orderBy, orderJoins)
  const condition =
    query.where === undefined ? 'true' : writer.where(model, alias, query.where, [...path, 'where'])
  const own = owner && writer.joined(owner.model, owner.alias, owner.field, alias)
  const conditions = [own, condition === 'true' ? undefined : condition].filter(Boolean)
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  const limit = limitOf(query.take)
  const json = `SELECT json_build_array(${columns.join(', ')}) AS j`
  const table = `${quoted(model.table)} ${alias}`
  const isPlain = joins.length === 0 && !columns.some((column) => column.startsWith('('))
  if (limit === '' || isPlain) {
    const parts = [json, `FROM ${table}`, ...joins, ...orderJoins, where, orderedBy(keys), limit]
    return { sql: parts.filter(Boolean).join(' '), decoded, row }
  }
  // The page first, and what belongs to its rows behind: else that is joined to every row of the list, and beside the price of
  // an inner list PostgreSQL does not care how it finds the row whose list it is.
  const columnsOfPage = [`${alias}.*`, ...keys.map(({ sql }, nth) => `${sql} AS key${nth}`)]
  const page = [
    `SELECT ${columnsOfPage.join(', ')} FROM ${table}`,
    ...orderJoins,
    where,
    orderedBy(keys),
    limit,
  ]
  const again = keys.map(({ direction }, nth) => ({ sql: `${alias}.key${nth}`, direction }))
  const parts = [json, `FROM (${page.filter(Boolean).join(' ')}) ${alias}`, ...joins, orderedBy(again)]
  return { sql: parts.filter(Boolean).join(' '), decoded, row }
}

/** What a list is ordered by. */
interface OrderKey {
  sql: string
  direction: string
}

const orderedBy = (keys: readonly OrderKey[]): string =>
  keys.length === 0 ? '' : `ORDER BY ${keys.map(({ sql, direction }) => `${sql} ${direction}`).join(', ')}`

function limitOf(take: unknown): string {
  if (take === undefined) return ''
  if (typeof take !== 'number' || !Number.isSafeInteger(take) || take < 0) throw new Unsupported('take')
  return `LIMIT ${take}`
}

interface Place {
  writer: Writer
  columns: string[]
  joins: string[]
  row: string
}

/** Adds the columns of one object to a row, and says how to make the object of them. */
function objectOf(place: Place, model: Model, alias: string, query: Nested, path: Path): string {
  const wanted = wantedOf(model, query)
  if (wanted.length === 0) throw new Unsupported('a selection of nothing')
  const parts = wanted.map(([name, nested, under]) => {
    if (name === '_count') return `_count: ${countsOf(place, model, alias, nested, [...path, under, name])}`
    const field = place.writer.field(model, name)
    return `${name}: ${fieldOf(place, model, alias, field, nested, [...path, under, name])}`
  })
  return `{ ${parts.join(', ')} }`
}

/** The fields that a selection names, each with what it says of them, and under which key of the query. */
function wantedOf(
  model: Model,
  { select, include }: Nested,
): [name: string, nested: unknown, under: string][] {
  if (select !== undefined && include !== undefined) throw new Unsupported('select and include')
  const named = Object.entries((select ?? include ?? {}) as Nested)
    .filter(([, nested]) => nested !== undefined && nested !== false)
    .map(([name, nested]): [string, unknown, string] => [name, nested, select ? 'select' : 'include'])
  if (select) return named
  const all = model.columns.map(({ name }): [string, unknown, string] => [name, true, 'select'])
  return [...all, ...named]
}

function fieldOf(
  place: Place,
  model: Model,
  alias: string,
  field: ModelField,
  nested: unknown,
  path: Path,
): string {
  const { writer, columns, joins, row } = place
  if (!writer.data.models.has(field.type)) return columnOf(place, model, alias, field)
  const query = nested === true ? {} : (nested as Nested)
  const other = writer.model(field.type)
  if (field.isList) {
    const rows = rowsOf(writer, other, query, path, { model, alias, field })
    const at = columns.push(aggregated(rows.sql)) - 1
    return `${row}[${at}].map((${rows.row}) => (${rows.decoded}))`
  }
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && key !== 'select' && key !== 'include')
      throw new Unsupported(`${key} of one row`)
  const otherAlias = writer.alias()
  joins.push(
    `LEFT JOIN ${quoted(other.table)} ${otherAlias} ON ${writer.joined(model, alias, field, otherAlias)}`,
  )
  const key = field.relation?.other[0]
  const at = columns.push(writer.column(other, otherAlias, String(key))) - 1
  return `${row}[${at}] === null ? null : ${objectOf(place, other, otherAlias, query, path)}`
}

function columnOf({ writer, columns, row }: Place, model: Model, alias: string, field: ModelField): string {
  const isJson = field.type === 'Json'
  if (!writer.isPlain(field) && !isJson) throw new Unsupported(`${model.name}.${field.name} is ${field.type}`)
  const at = columns.push(writer.column(model, alias, field.name)) - 1
  if (field.type !== 'DateTime') return `${row}[${at}]`
  if (field.isList) throw new Unsupported('a list of times')
  return `time(${row}[${at}])`
}

function countsOf(place: Place, model: Model, alias: string, nested: unknown, path: Path): string {
  const { writer, columns, row } = place
  const select =
    (nested as { select?: Nested } | true) === true ? undefined : (nested as { select?: Nested }).select
  if (!select) throw new Unsupported('_count of everything')
  writer.isLong = true
  const parts = Object.entries(select)
    .filter(([, asked]) => asked !== undefined && asked !== false)
    .map(([name, asked]) => {
      const field = writer.field(model, name)
      if (!field.isList || !field.relation) throw new Unsupported('_count')
      const other = writer.model(field.type)
      const otherAlias = writer.alias()
      writer.own({ model, alias, field, rows: otherAlias })
      const where = asked === true ? undefined : (asked as Nested).where
      const condition =
        where === undefined
          ? 'true'
          : writer.where(other, otherAlias, where, [...path, 'select', name, 'where'])
      const join = writer.joined(model, alias, field, otherAlias)
      const at = columns.push(
        `(SELECT count(*)::int FROM ${quoted(other.table)} ${otherAlias} WHERE ${join}${condition === 'true' ? '' : ` AND ${condition}`})`,
      )
      return `${name}: ${row}[${at - 1}]`
    })
  return `{ ${parts.join(', ')} }`
}

/** A Prisma `orderBy`: keys of the row, or of rows that it belongs to. */
function orderOf(writer: Writer, model: Model, alias: string, orderBy: unknown, joins: string[]): OrderKey[] {
  if (orderBy === undefined) return []
  return (Array.isArray(orderBy) ? orderBy : [orderBy]).map((key: Nested) => {
    const [entry, ...more] = Object.entries(key)
    if (!entry || more.length > 0) throw new Unsupported('orderBy')
    return orderKey(writer, model, alias, entry, joins)
  })
}

function orderKey(
  writer: Writer,
  model: Model,
  alias: string,
  [name, value]: [string, unknown],
  joins: string[],
): OrderKey {
  const field = writer.field(model, name)
  if (!writer.data.models.has(field.type)) {
    if (!writer.isPlain(field) || field.isList) throw new Unsupported('orderBy')
    return { sql: writer.column(model, alias, name), direction: directionOf(value) }
  }
  writer.isLong = true
  const [entry, ...more] = Object.entries((value ?? {}) as Nested)
  if (field.isList || !entry || more.length > 0) throw new Unsupported('orderBy')
  const other = writer.model(field.type)
  const otherAlias = writer.alias()
  joins.push(
    `LEFT JOIN ${quoted(other.table)} ${otherAlias} ON ${writer.joined(model, alias, field, otherAlias)}`,
  )
  return orderKey(writer, other, otherAlias, entry, joins)
}

function directionOf(value: unknown): string {
  if (value === 'asc' || value === 'desc') return value.toUpperCase()
  const { sort, nulls } = (value ?? {}) as Nested
  const isSort = sort === 'asc' || sort === 'desc'
  if (!isSort || (nulls !== 'first' && nulls !== 'last')) throw new Unsupported('orderBy')
  return `${sort.toUpperCase()} NULLS ${nulls.toUpperCase()}`
}
