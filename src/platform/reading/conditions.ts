import type { DataModel, Model, ModelField } from './model.ts'
import type { Path } from './shape.ts'

/** The query has something that is left to Prisma. */
export class Unsupported extends Error {
  override name = 'Unsupported'
}

/** A parameter of a statement: where its value stands in the query, and what becomes of it on its way. */
export interface Parameter {
  path: Path
  kind: 'plain' | 'contains' | 'startsWith' | 'endsWith'
  /** Its type in SQL; null where a statement has to stand alone with it. */
  type: string | null
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const COMPARISONS: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=' }
/** Types that compare in SQL as they do in Prisma, and travel in JSON without loss. */
const PLAIN_TYPES = new Set(['String', 'Int', 'Boolean', 'DateTime'])

/** The column by which every row of a tenant names its organization. */
const TENANT = 'organizationId'

type Where = Record<string, unknown>

/** A list's rows and the row whose list they are: what leads back from them leads there. */
export interface Owner {
  model: Model
  alias: string
  field: ModelField
  /** The alias of the list's rows. */
  rows: string
}

/** Writes one statement: names its tables and collects its parameters. */
export class Writer {
  readonly parameters: Parameter[] = []
  /** Whether it looks at rows that are not in its answer: to count them, or to put a page in order. */
  isLong = false
  readonly #owners = new Map<string, Owner>()
  #tables = 0

  constructor(readonly data: DataModel) {}

  alias(): string {
    return `t${this.#tables++}`
  }

  /** From here on it is known whose list the rows of an alias are. */
  own(owner: Owner): void {
    this.#owners.set(owner.rows, owner)
  }

  parameter(path: Path, type: string | null = null, kind: Parameter['kind'] = 'plain'): string {
    this.parameters.push({ path, kind, type })
    return `$${this.parameters.length}`
  }

  model(name: string): Model {
    const model = this.data.models.get(name)
    if (!model) throw new Unsupported(`model ${name}`)
    return model
  }

  field(model: Model, name: string): ModelField {
    const field = model.fields.get(name)
    if (!field) throw new Unsupported(`${model.name}.${name}`)
    return field
  }

  /** @throws {Unsupported} for a type that JSON or a comparison would change */
  isPlain({ type }: ModelField): boolean {
    return PLAIN_TYPES.has(type) || this.data.enums.has(type)
  }

  column(model: Model, alias: string, name: string): string {
    return `${alias}.${quoted(this.field(model, name).column)}`
  }

  /** The condition by which a row of a relation belongs to a row of its owner. */
  joined(model: Model, alias: string, field: ModelField, otherAlias: string): string {
    const { relation } = field
    if (!relation) throw new Unsupported(`${model.name}.${field.name} has no keys`)
    const other = this.model(relation.model)
    return relation.own
      .map((own, at) => {
        const key = relation.other[at]
        if (key === undefined) throw new Unsupported(`${model.name}.${field.name} has no keys`)
        return `${this.column(other, otherAlias, key)} = ${this.column(model, alias, own)}`
      })
      .join(' AND ')
  }

  /**
   * Composite foreign keys keep a reference from leading into another organization, so this takes nothing away. But where a
   * relation's keys do not name the organization, the planner would otherwise look through the rows of all of them.
   */
  #sameTenant(model: Model, alias: string, field: ModelField, otherAlias: string): string[] {
    const other = this.model(field.type)
    const isNamed = field.relation?.own.includes(TENANT) || field.relation?.other.includes(TENANT)
    if (isNamed || !model.fields.has(TENANT) || !other.fields.has(TENANT)) return []
    return [`${this.column(other, otherAlias, TENANT)} = ${this.column(model, alias, TENANT)}`]
  }

  /** A Prisma `where` as SQL; `true` when it asks for nothing, `false` when it asks for what can't be. */
  where(model: Model, alias: string, where: unknown, path: Path): string {
    if (typeof where !== 'object' || where === null) throw new Unsupported('where')
    const before = this.parameters.length
    const parts: string[] = []
    for (const [key, value] of Object.entries(where as Where)) {
      if (value === undefined) continue
      const at = [...path, key]
      if (key === 'AND') parts.push(...this.#all(model, alias, value, at))
      else if (key === 'OR') parts.push(this.#any(model, alias, value, at))
      else if (key === 'NOT') parts.push(this.#not(model, alias, value, at))
      else parts.push(this.#test(model, alias, this.field(model, key), value, at))
    }
    if (parts.includes('false')) {
      // What is not in the text can't be among its parameters.
      this.parameters.length = before
      return 'false'
    }
    const real = parts.filter((part) => part !== 'true')
    return real.length === 0 ? 'true' : real.length === 1 ? String(real[0]) : `(${real.join(' AND ')})`
  }

  #all(model: Model, alias: string, value: unknown, path: Path): string[] {
    if (!Array.isArray(value)) return [this.where(model, alias, value, path)]
    return value.map((each, at) => this.where(model, alias, each, [...path, at]))
  }

  /** To Prisma an `OR` of nothing means one thing at the top and another inside, so it answers that itself. */
  #any(model: Model, alias: string, value: unknown, path: Path): string {
    if (!Array.isArray(value) || value.length === 0) throw new Unsupported('OR of nothing')
    const before = this.parameters.length
    const parts = value
      .map((each, at) => this.where(model, alias, each, [...path, at]))
      .filter((part) => part !== 'false')
    if (parts.includes('true')) {
      this.parameters.length = before
      return 'true'
    }
    return parts.length === 0 ? 'false' : `(${parts.join(' OR ')})`
  }

  /** SQL's unknown makes a negation delicate: here only of a related row that has, or lacks, a value. */
  #not(model: Model, alias: string, value: unknown, path: Path): string {
    if (!isRelatedNullTest(value, model)) throw new Unsupported('NOT')
    return `NOT ${this.where(model, alias, value, path)}`
  }

  #test(model: Model, alias: string, field: ModelField, value: unknown, path: Path): string {
    if (this.data.models.has(field.type)) return this.#related(model, alias, field, value, path)
    if (field.isList && field.type === 'String')
      return this.#holds(this.column(model, alias, field.name), value, path)
    if (field.isList || !this.isPlain(field))
      throw new Unsupported(`a condition on ${model.name}.${field.name}`)
    const owned = this.#ownersColumn(alias, field)
    // A column by which the rows of a list are found has a value in each of them.
    if (owned && value === null) return 'false'
    if (owned && isNotNull(value)) return 'true'
    const column = owned ?? this.column(model, alias, field.name)
    if (value === null) return `${column} IS NULL`
    if (typeof value !== 'object' || value instanceof Date)
      return `${column} = ${this.parameter(path, field.sqlType)}`
    if (Array.isArray(value)) throw new Unsupported('a list as a value')
    return this.#operators(column, field.sqlType, value as Where, path)
  }

  /**
   * The column of a list's owner by which its rows are found. A second condition on it is asked of the owner: PostgreSQL would
   * take it for one that leaves next to no rows, and then does not care by which index it finds them.
   */
  #ownersColumn(alias: string, { name }: ModelField): string | null {
    const owner = this.#owners.get(alias)
    const own = owner?.field.relation?.own[owner.field.relation.other.indexOf(name)]
    return owner && own !== undefined ? this.column(owner.model, owner.alias, own) : null
  }

  #holds(column: string, value: unknown, path: Path): string {
    const [operator, held, ...more] = Object.entries((value ?? {}) as Where).flat()
    if (operator !== 'has' || typeof held !== 'string' || more.length > 0) throw new Unsupported('a list')
    return `${column} @> ARRAY[${this.parameter([...path, 'has'], 'text')}]::text[]`
  }

  #operators(column: string, type: string | null, asked: Where, path: Path): string {
    const { mode, ...operators } = asked
    if (mode !== undefined && mode !== 'insensitive') throw new Unsupported('mode')
    const parts = Object.entries(operators)
      .filter(([, value]) => value !== undefined)
      .map(([operator, value]) =>
        this.#operator(column, type, operator, value, [...path, operator], mode !== undefined),
      )
    if (parts.length === 0) throw new Unsupported('a condition of nothing')
    return parts.join(' AND ')
  }

  #operator(
    column: string,
    type: string | null,
    operator: string,
    value: unknown,
    path: Path,
    anyCase: boolean,
  ): string {
    if (value === null) {
      if (operator === 'equals') return `${column} IS NULL`
      if (operator === 'not') return `${column} IS NOT NULL`
    }
    const isList = Array.isArray(value)
    if (operator === 'in' && isList && !anyCase) return this.#among(column, type, value, path)
    const isValue = typeof value !== 'object' || value instanceof Date
    if (!isValue || value === null) throw new Unsupported(operator)
    if (operator === 'equals')
      return `${column} ${anyCase ? 'ILIKE' : '='} ${this.parameter(path, anyCase ? null : type)}`
    if (operator === 'contains' || operator === 'startsWith' || operator === 'endsWith')
      // As text, like Prisma: the LIKE of citext would match in any case.
      return `${column}${anyCase ? ' ILIKE' : '::text LIKE'} ${this.parameter(path, null, operator)}`
    const comparison = COMPARISONS[operator]
    if (!comparison || anyCase) throw new Unsupported(operator)
    return `${column} ${comparison} ${this.parameter(path)}`
  }

  /**
   * A plan that is kept supposes ten of an array, whatever is in it, and so seems dear to PostgreSQL beside one that is made
   * anew for none or one: those two have a text without an array.
   */
  #among(column: string, type: string | null, values: readonly unknown[], path: Path): string {
    if (values.length === 0) return 'false'
    if (values.length === 1) return `${column} = ${this.parameter([...path, 0], type)}`
    return `${column} = ANY (${this.parameter(path, type && `${type}[]`)})`
  }

  #related(model: Model, alias: string, field: ModelField, value: unknown, path: Path): string {
    if (typeof value !== 'object' || value === null) throw new Unsupported('a relation that is null')
    const exists = (inner: unknown, at: Path): string => {
      const other = this.model(field.type)
      const otherAlias = this.alias()
      const condition = this.where(other, otherAlias, inner, at)
      if (condition === 'false') return 'false'
      const parts = [
        this.joined(model, alias, field, otherAlias),
        ...this.#sameTenant(model, alias, field, otherAlias),
        ...(condition === 'true' ? [] : [condition]),
      ]
      return `EXISTS (SELECT FROM ${quoted(other.table)} ${otherAlias} WHERE ${parts.join(' AND ')})`
    }
    const owner = this.#owners.get(alias)
    if (!field.isList && owner && leadsBack(field, owner)) {
      const inner = 'is' in value ? value.is : value
      if ('isNot' in value) throw new Unsupported('isNot')
      return this.where(owner.model, owner.alias, inner, 'is' in value ? [...path, 'is'] : path)
    }
    if (!field.isList) {
      if ('isNot' in value) throw new Unsupported('isNot')
      return 'is' in value ? exists(value.is, [...path, 'is']) : exists(value, path)
    }
    const entries = Object.entries(value as Where).filter(([, inner]) => inner !== undefined)
    const [operator, inner] = entries[0] ?? []
    if (entries.length !== 1 || (operator !== 'some' && operator !== 'none')) throw new Unsupported('every')
    const found = exists(inner, [...path, operator])
    if (operator === 'some') return found
    return found === 'false' ? 'true' : `NOT ${found}`
  }
}

/** `{ not: null }` */
const isNotNull = (test: unknown): boolean =>
  typeof test === 'object' &&
  test !== null &&
  'not' in test &&
  test.not === null &&
  Object.keys(test).length === 1

/**
 * Whether a to-one relation of a list's rows is the other side of the list: then it leads to the row whose list it is, and
 * needs to be looked up for none of them.
 */
function leadsBack({ relation }: ModelField, { model, field }: Owner): boolean {
  if (!relation || !field.relation || relation.model !== model.name) return false
  const pairs = (own: readonly string[], other: readonly string[]) =>
    own
      .map((name, at) => `${name}=${other[at]}`)
      .sort()
      .join()
  return pairs(relation.own, relation.other) === pairs(field.relation.other, field.relation.own)
}

/** `{ relation: { column: null } }` or `{ relation: { column: { not: null } } }`, of a to-one relation. */
function isRelatedNullTest(value: unknown, model: Model): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const entries = Object.entries(value)
  return entries.every(([name, inner]) => {
    const field = model.fields.get(name)
    if (!field?.relation || field.isList || typeof inner !== 'object' || inner === null) return false
    return Object.values(inner as Where).every((test) => test === null || isNotNull(test))
  })
}
