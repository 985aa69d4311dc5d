import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { NotAnExport, verifyExport } from '../src/domains/event/verify-export.ts'

const USAGE = `Usage: npm run audit:verify -- <file> [hash]

Checks an export of an audit trail (GET /organizations/<id>/audit.jsonl) without a database.
With a hash that was noted earlier, the export has to hold that entry too: whoever rewrites a whole log changes them all.
Exit code 0: complete and unchanged; 1: an entry was changed, dropped or moved; 2: the file can't be checked.
`

/** @returns the exit code */
async function main(file: string | undefined, noted: string | undefined): Promise<number> {
  if (!file) {
    process.stderr.write(USAGE)
    return 2
  }
  let found = noted === undefined
  async function* lines() {
    const input = createReadStream(String(file), 'utf8')
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (noted !== undefined && line.includes(`"${noted}"`)) found = true
      yield line
    }
  }
  const verdict = await verifyExport(lines())
  if (!verdict.ok) {
    const { sequence, line, what, detail } = verdict
    process.stdout.write(`Entry ${sequence} was ${what}: ${detail} (line ${line}).\n`)
    return 1
  }
  if (!found) {
    process.stdout.write(`The chain is whole, but no entry has the hash ${noted}: this is another log.\n`)
    return 1
  }
  const { entries, head } = verdict
  process.stdout.write(
    `${entries} entries are complete and unchanged. The last is ${head.sequence}, its hash is ${head.hash}\n`,
  )
  return 0
}

try {
  process.exitCode = await main(process.argv[2], process.argv[3])
} catch (error) {
  const unreadable = error instanceof NotAnExport || (error as NodeJS.ErrnoException).code !== undefined
  process.stderr.write(`${unreadable ? (error as Error).message : String(error)}\n`)
  process.exitCode = 2
}
