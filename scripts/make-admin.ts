import { makePlatformAdmin } from '../src/domains/user/make-platform-admin.ts'
import { openDatabase } from '../src/platform/db.ts'
import { openEmbeddedDatabase } from './project-database.ts'

/** `npm run make-admin -- <email>`: makes somebody a platform administrator, in DATABASE_URL's database or DATA_DIR's. */
async function main(email: string | undefined): Promise<string> {
  if (!email?.includes('@')) throw new Error('Usage: npm run make-admin -- <email>')
  const configured = process.env.DATABASE_URL
  const server = configured ? { url: configured, close: async () => {} } : await openEmbeddedDatabase()
  const { db, close } = openDatabase({ url: server.url, poolSize: 1 })
  try {
    const told = await makePlatformAdmin(db, email.trim())
    if (told === null) throw new Error(`Nobody who can sign in has the address ${email}. They sign up first.`)
    return told
  } finally {
    await close()
    await server.close()
  }
}

try {
  process.stdout.write(`${await main(process.argv[2])}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
