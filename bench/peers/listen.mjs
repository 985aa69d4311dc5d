import pg from 'pg'

// Times as PostgreSQL writes them in JSON, so that no Date is made only to be printed again.
export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 20,
  idleTimeoutMillis: 600_000,
})
pool.on('error', () => undefined)

export const tokenOf = (authorization) => /^bearer\s+(\S+)/i.exec(authorization ?? '')?.[1] ?? ''

/** Tells the benchmark that requests can come. */
export const ready = (port) => process.stdout.write(`ready ${port}\n`)
