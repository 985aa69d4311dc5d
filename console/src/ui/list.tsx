import { type ReactNode, useEffect, useRef } from 'react'
import type { Endless } from '../lib/endless.ts'
import { plural } from '../lib/words.ts'
import { Button } from './controls.tsx'
import { Failure, Loading, Refused } from './states.tsx'

interface ListProps<Row> {
  label: string
  list: Endless<Row>
  /** What one row is called, and several. */
  nouns: readonly [one: string, many: string]
  row(row: Row): ReactNode
  keyOf(row: Row): string
  empty: ReactNode
}

/** A list that reads on while one scrolls, or by its button. */
export function EndlessList<Row>({ label, list, nouns, row, keyOf, empty }: ListProps<Row>) {
  if (list.problem && list.rows.length === 0) return <Failure problem={list.problem} retry={list.reload} />
  if (list.loading) return <Loading label={`Loading ${nouns[1]}`} />
  if (list.rows.length === 0) return empty
  return (
    <div className={list.stale ? 'list stale' : 'list'} aria-busy={list.stale}>
      <ul className="rows" aria-label={label}>
        {list.rows.map((one) => (
          <li key={keyOf(one)}>{row(one)}</li>
        ))}
      </ul>
      <div className="list-end">
        <Refused message={list.problem?.message ?? null} />
        <span className="hint">
          {list.hasMore
            ? `${list.rows.length} of ${plural(list.total ?? 0, nouns[0], nouns[1])}`
            : plural(list.total ?? list.rows.length, nouns[0], nouns[1])}
        </span>
        {list.hasMore && <More list={list} />}
      </div>
    </div>
  )
}

function More({ list }: { list: Pick<Endless<unknown>, 'more' | 'loadingMore' | 'rows'> }) {
  const sight = useRef<HTMLDivElement>(null)
  const { more } = list
  const count = list.rows.length
  const latest = useRef(more)
  latest.current = more
  useEffect(() => {
    // Looks anew after each page: the end may still be in sight.
    if (!sight.current || count === 0) return undefined
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) latest.current()
      },
      { rootMargin: '200px' },
    )
    observer.observe(sight.current)
    return () => observer.disconnect()
  }, [count])
  return (
    <div ref={sight}>
      <Button small isPending={list.loadingMore} onPress={more}>
        Show more
      </Button>
    </div>
  )
}
