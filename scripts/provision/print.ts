import { styleText } from 'node:util'
import type { Item, Operation } from './api.ts'

type Style = Parameters<typeof styleText>[0]
/** Colours a text, or leaves it as it is where nobody would see the colours. */
export type Paint = (style: Style, text: string) => string

/** Colours only on a terminal, and not for those who ask for none (no-color.org). */
export const paintFor = (stream: { isTTY?: boolean }, env: Record<string, string | undefined>): Paint =>
  stream.isTTY && !env.NO_COLOR
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text

const MARKS = { CREATE: ['+', 'green'], UPDATE: ['~', 'yellow'], REFUSED: ['!', 'red'] } as const

/** A plan for people: what is made, changed and refused, with every value; what stays is only counted. */
export function planText({ plan }: Pick<Operation, 'plan'>, items: readonly Item[], paint: Paint): string {
  const blocks = items
    .filter(({ action }) => action !== 'UNCHANGED')
    .map((item) => {
      const [mark, colour] = MARKS[item.action as keyof typeof MARKS]
      const head = paint([colour, 'bold'], `${mark} ${item.key}`)
      const why = item.error ? `  ${paint(colour, `${item.error.reason}: ${item.error.message}`)}` : ''
      const moved = item.moved ? paint('dim', `  (planned: ${item.planned})`) : ''
      return [`${head}${moved}${why}`, ...changeLines(item, paint)].join('\n')
    })
  const counts = [
    `${plan.create} to create`,
    `${plan.update} to change`,
    `${plan.unchanged} unchanged`,
    `${plan.refused} refused`,
  ]
  return [...blocks, `${paint('bold', 'Plan:')} ${counts.join(', ')}.`].join('\n')
}

function changeLines({ action, changes }: Item, paint: Paint): string[] {
  const width = Math.max(0, ...changes.map(({ field }) => field.length))
  return changes.map(({ field, before, after }) => {
    const label = `    ${field.padEnd(width)}  `
    if (action === 'CREATE') return label + paint('green', shown(after))
    return `${label}${paint('red', shown(before))} -> ${paint('green', shown(after))}`
  })
}

const shown = (value: unknown) => (value === null ? 'none' : JSON.stringify(value))

/** How a run has ended, in one line, and why where it did not succeed. */
export function resultText({ state, progress, error }: Operation, moved: number, paint: Paint): string {
  const counts = `${progress.done} of ${progress.total} as they should be, ${progress.failed} refused`
  const otherwise = moved > 0 ? `, ${moved} otherwise than planned` : ''
  const line = `${paint(state === 'SUCCEEDED' ? 'green' : 'red', state)}: ${counts}${otherwise}.`
  return error ? `${line}\n${error.message}` : line
}
