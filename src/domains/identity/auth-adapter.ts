import type { BetterAuthOptions, DBAdapter, Where } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { currentTransaction, type Db } from '../../platform/db.ts'
import { hashToken } from '../../platform/secrets.ts'

/** Better Auth's storage: our Prisma models, our transactions, and no session token in clear. */
export const authDatabase = (db: Db) => (options: BetterAuthOptions) =>
  withHashedTokens(prismaAdapter(followTransactions(db), { provider: 'postgresql' })(options))

/** A client that is the caller's open transaction where there is one, so that Better Auth's writes join it. */
function followTransactions(db: Db): Db {
  return new Proxy(db, {
    get: (target, property) => {
      const client: object = currentTransaction() ?? target
      const value: unknown = Reflect.get(client, property)
      return typeof value === 'function' ? value.bind(client) : value
    },
  })
}

interface Selection {
  model: string
  where?: Where[] | undefined
}

const isToken = (model: string) => (condition: Where) => model === 'session' && condition.field === 'token'

/** The same selection, asking for the token's hash in its stead. */
function hashed<S extends Selection>(selection: S): S {
  const mustHash = isToken(selection.model)
  const where = selection.where?.map((condition) =>
    mustHash(condition) ? { ...condition, value: hashOf(condition.value) } : condition,
  )
  return { ...selection, where }
}

function hashOf(value: Where['value']): Where['value'] {
  if (Array.isArray(value)) return value.map((item) => hashToken(String(item)))
  return typeof value === 'string' ? hashToken(value) : value
}

/** The row with the token that it was asked for by, as Better Auth expects to read back what it wrote. */
function withRawToken<Row>(selection: Selection, row: Row): Row {
  const raw = selection.where?.find(isToken(selection.model))?.value
  return row && typeof raw === 'string' ? { ...row, token: raw } : row
}

/** A suspended person has no session, whatever the table says. */
function unlessSuspended<Row>({ model }: Selection, row: Row | null): Row | null {
  const { user } = (row ?? {}) as { user?: { suspendedAt?: Date | null } }
  return model === 'session' && user?.suspendedAt ? null : row
}

/**
 * Stores the SHA-256 of a session's token, and asks by it. Whoever reads the table can't sign in with what they find.
 * Rows that were not asked for by their token come back with the hash.
 */
function withHashedTokens(inner: DBAdapter): DBAdapter {
  return {
    ...inner,
    create: async (creation) => {
      if (creation.model !== 'session') return inner.create(creation)
      const data: Record<string, unknown> = creation.data
      const token = String(data.token)
      const row: Record<string, unknown> = await inner.create({
        ...creation,
        data: { ...data, token: hashToken(token) },
      })
      return { ...row, token } as never
    },
    findOne: async (selection) =>
      withRawToken(selection, unlessSuspended(selection, await inner.findOne(hashed(selection)))),
    findMany: (selection) => inner.findMany(hashed(selection)),
    count: (selection) => inner.count(hashed(selection)),
    update: async (selection) => withRawToken(selection, await inner.update(hashed(selection))),
    updateMany: (selection) => inner.updateMany(hashed(selection)),
    delete: (selection) => inner.delete(hashed(selection)),
    deleteMany: (selection) => inner.deleteMany(hashed(selection)),
    consumeOne: async (selection) => withRawToken(selection, await inner.consumeOne(hashed(selection))),
    incrementOne: async (selection) => withRawToken(selection, await inner.incrementOne(hashed(selection))),
    // The transactions are ours: what Better Auth runs in one runs in whichever we opened.
    transaction: (work) => work(withHashedTokens(inner)),
  }
}
