import { readdir, readFile } from 'node:fs/promises'

/** Clock ticks of /proc, which Linux fixes at 100 a second. */
const TICK_MS = 10

/** Milliseconds of processor time that a process has used; null where there is no /proc. */
export async function cpuOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (!stat) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime and stime, and those of children that have ended.
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) * TICK_MS
}

/** The processes that a process has started, without theirs. */
export async function childrenOf(pid: number): Promise<number[]> {
  const all = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const parents = await Promise.all(
    all.map(async (each) => {
      const stat = await readFile(`/proc/${each}/stat`, 'utf8').catch(() => '')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    }),
  )
  return all.filter((_each, nth) => parents[nth] === pid).map(Number)
}

/** Processor time of a server with all its children: of PostgreSQL and its connections. */
export async function cpuOfTree(pid: number): Promise<number | null> {
  const own = await cpuOf(pid)
  if (own === null) return null
  const children = await Promise.all((await childrenOf(pid)).map(cpuOf))
  return children.reduce<number>((sum, one) => sum + (one ?? 0), own)
}

/** Resident megabytes of a process. */
export async function memoryOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1]
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}

/**
 * The processors that a process may run on, by their numbers.
 *
 * @throws {Error} where there is no /proc
 */
export async function processorsOf(pid: number): Promise<string[]> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const ranges = /Cpus_allowed_list:\s+(\S+)/.exec(status)?.[1]?.split(',') ?? []
  return ranges.flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, nth) => String(from + nth))
  })
}
