import { useRef } from 'react'

/** Runs works one after another, in the order in which they were asked for: each knows what the one before has done. */
export function useTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  const last = useRef<Promise<unknown>>(Promise.resolve())
  return (work) => {
    const next = last.current.then(work, work)
    last.current = next
    return next
  }
}
