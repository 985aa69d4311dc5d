import { type ReactNode, useState } from 'react'
import { Group } from 'react-aria-components'
import { plural } from '../lib/words.ts'
import { Check } from './controls.tsx'

/** The API takes so many at once. */
const MOST = 100

/** Which rows of a list are chosen. */
export interface Selection<Row> {
  chosen: readonly Row[]
  /** How many rows there are to choose from. */
  of: number
  has(row: Row): boolean
  set(row: Row, isChosen: boolean): void
  /** All that the API takes at once, or none. */
  setAll(isChosen: boolean): void
}

/** Chosen rows, by what tells them apart: one that has left the list is not chosen any more. */
export function useSelection<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Selection<Row> {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set())
  return {
    chosen: rows.filter((row) => keys.has(keyOf(row))),
    of: rows.length,
    has: (row) => keys.has(keyOf(row)),
    set: (row, isChosen) => {
      const others = [...keys].filter((key) => key !== keyOf(row))
      setKeys(new Set(isChosen ? [...others, keyOf(row)] : others))
    },
    setAll: (isChosen) => setKeys(new Set(isChosen ? rows.slice(0, MOST).map(keyOf) : [])),
  }
}

interface BarProps<Row> {
  /** What the rows are called: one, and several. */
  nouns: readonly [one: string, many: string]
  selection: Selection<Row>
  /** What can be done with those that are chosen. */
  children: ReactNode
}

/** Above a list: how many are chosen, and what can be done with them. It is always there, so that nothing moves. */
export function SelectionBar<Row>({ nouns, selection, children }: BarProps<Row>) {
  const { chosen, of, setAll } = selection
  const isAll = of > 0 && chosen.length >= Math.min(of, MOST)
  return (
    <Group className="selection" aria-label={`Chosen ${nouns[1]}`}>
      <Check
        isSelected={isAll}
        isIndeterminate={chosen.length > 0 && !isAll}
        isDisabled={of === 0}
        onChange={setAll}
      >
        {of > MOST ? `The first ${MOST}` : 'All shown'}
      </Check>
      <span className="hint" role="status">
        {chosen.length === 0 ? 'None chosen' : `${plural(chosen.length, nouns[0], nouns[1])} chosen`}
        {chosen.length > MOST && `: at most ${MOST} at once`}
      </span>
      <div className="page-actions">{children}</div>
    </Group>
  )
}

/** Whether something can be done with what is chosen. */
export const isUsable = ({ chosen }: Selection<unknown>): boolean =>
  chosen.length > 0 && chosen.length <= MOST
