import { schemaDiff } from './schema-diff.ts'

/** `npm run check:drift`: fails, and prints the missing SQL, when prisma/migrations and prisma/schema disagree. */
try {
  const sql = await schemaDiff()
  if (sql === null) {
    process.stdout.write('prisma/migrations and prisma/schema agree.\n')
  } else {
    process.stderr.write(`prisma/migrations lack this (npm run db:new-migration <name> writes it):\n\n${sql}`)
    process.exitCode = 1
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
