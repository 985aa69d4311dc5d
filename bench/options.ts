import { parseArgs } from 'node:util'

/** How large the database is and how long it is measured. */
export interface Options {
  /** How many times the data of the benchmark. */
  scale: number
  organizations: number
  workspacesEach: number
  membersEach: number
  people: number
  /** Members of each of the four large workspaces. */
  crowd: number
  rounds: number
  /** Seconds of one round of a read. */
  seconds: number
  /** Requests of one round of a write: their number is fixed, because each changes rows. */
  writes: number
  connections: number
  only: string[]
  servers: string[]
  json: boolean
  dataDir: string | null
}

export const USAGE = `npm run bench -- [options]
  --quick              a tenth of the data and short rounds: does it work at all?
  --scale <n>          n times the organizations and people (default 1: 200 organizations, 20,000 people)
  --rounds <n>         rounds per operation and server (default 5); the table shows medians
  --seconds <n>        seconds of one round (default 2)
  --writes <n>         requests of one round of a write (default 1000)
  --connections <n>    clients that wait for their answer before they ask again (default 32)
  --only Q1,Q3,M1      operations
  --servers atrium,postgraphile,mercurius,floor
  --data <folder>      keeps the seeded cluster there, and uses it again when it fits
  --json               prints one JSON document and nothing else
npm run bench -- capacity [options]    two processes beside one, and what idle subscriptions cost
npm run bench -- growth [options]      the data beside --scale times as much; --data holds a folder for each
npm run bench -- plans [options]       how the database answers Q1 to Q5, with --scale and --data
npm run bench -- provision [options]   measures provisioning: how many workspaces (10000), and ATOMIC for one transaction
`

/** @throws {TypeError} for an option that there is not */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      writes: { type: 'string' },
      connections: { type: 'string', default: '32' },
      only: { type: 'string' },
      servers: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    process.exit(0)
  }
  const scale = Number(values.scale)
  const organizations = Math.max(20, Math.round(200 * scale * (values.quick ? 0.1 : 1)))
  return {
    scale,
    organizations,
    workspacesEach: 20,
    membersEach: 50,
    people: organizations * 100,
    crowd: values.quick ? 1_000 : 5_000,
    rounds: Number(values.rounds ?? (values.quick ? 3 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 0.7 : 2)),
    writes: Number(values.writes ?? (values.quick ? 200 : 1_000)),
    connections: Number(values.connections),
    only: values.only?.split(',') ?? ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'M1', 'M2', 'M3'],
    servers: values.servers?.split(',') ?? ['floor', 'mercurius', 'postgraphile', 'atrium'],
    json: values.json,
    dataDir: values.data ?? null,
  }
}
