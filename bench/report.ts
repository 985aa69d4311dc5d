import type { Figures, Measured } from './measure.ts'
import { OPERATIONS } from './operations.ts'
import type { Verified } from './verify.ts'

export interface Report extends Measured, Verified {
  size: Record<string, number>
  node: string
  processors: number
  load: { before: number; after: number }
}

const ms = (value: number | null, digits = 2) => (value === null ? '-' : value.toFixed(digits))

/** The report as text: a table for each operation, with Atrium's requests per second as ratios to the others. */
export function tableOf(report: Report): string {
  const lines = [
    `Node ${report.node}, ${report.processors} processors, load ${report.load.before.toFixed(2)} before and ${report.load.after.toFixed(2)} after`,
    `Data: ${Object.entries(report.size)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}`,
    '',
  ]
  for (const { name, title } of OPERATIONS) {
    const figures = report.figures[name]
    if (!figures) continue
    lines.push(
      `${name}: ${title}`,
      row(['server', 'req/s', 'p50 ms', 'p99 ms', 'cpu ms', 'db cpu ms', 'statements', 'atrium is']),
    )
    for (const [server, one] of Object.entries(figures)) {
      lines.push(
        row([
          server,
          one.requestsPerSecond.toFixed(0),
          ms(one.p50, 1),
          ms(one.p99, 1),
          ms(one.serverCpu),
          ms(one.databaseCpu),
          String(report.statements[server]?.[name] ?? '-'),
          ratioOf(figures, server),
        ]),
      )
    }
    lines.push('')
  }
  lines.push(row(['server', 'memory MB', 'start ms']))
  for (const server of Object.keys(report.memory))
    lines.push(
      row([server, String(report.memory[server] ?? '-'), (report.coldStart[server] ?? 0).toFixed(0)]),
    )
  return `${lines.join('\n')}\n`
}

function ratioOf(figures: Record<string, Figures>, server: string): string {
  const atrium = figures.atrium?.requestsPerSecond
  const other = figures[server]?.requestsPerSecond
  return server === 'atrium' || !atrium || !other ? '' : `${(atrium / other).toFixed(2)} x`
}

const WIDTHS = [13, 10, 9, 9, 9, 10, 11, 10]
export const row = (cells: string[]) =>
  cells
    .map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[0] ?? 0) : cell.padStart(WIDTHS[at] ?? 10)))
    .join(' ')
