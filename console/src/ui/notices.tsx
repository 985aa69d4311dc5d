import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'
import { Group } from 'react-aria-components'
import { Button } from './controls.tsx'

interface Notice {
  id: number
  text: string
  undo?: () => void
}

type Notify = (text: string, undo?: () => void) => void

const NoticesContext = createContext<Notify>(() => {})
/** Whoever has to decide on something gets more time. */
const SHOWN_MS = { toRead: 10_000, toDecide: 30_000 }

/** Short sentences about what has just happened, read out by screen readers, with a way back where there is one. */
export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([])
  const dismiss = useCallback((id: number) => setNotices((all) => all.filter((one) => one.id !== id)), [])
  const notify = useCallback<Notify>((text, undo) => {
    const id = performance.now()
    setNotices((all) => [...all.slice(-2), { id, text, ...(undo ? { undo } : {}) }])
  }, [])
  return (
    <NoticesContext value={notify}>
      {children}
      <div className="notices" role="status" aria-label="Notices">
        {notices.map((notice) => (
          <Group role="presentation" key={notice.id}>
            {({ isHovered, isFocusWithin }) => (
              <Shown notice={notice} isHeld={isHovered || isFocusWithin} onEnd={dismiss} />
            )}
          </Group>
        ))}
      </div>
    </NoticesContext>
  )
}

interface ShownProps {
  notice: Notice
  /** Somebody is at it: it stays. */
  isHeld: boolean
  onEnd(id: number): void
}

function Shown({ notice: { id, text, undo }, isHeld, onEnd }: ShownProps) {
  const milliseconds = undo ? SHOWN_MS.toDecide : SHOWN_MS.toRead
  useEffect(() => {
    if (isHeld) return undefined
    const timer = setTimeout(() => onEnd(id), milliseconds)
    return () => clearTimeout(timer)
  }, [id, isHeld, milliseconds, onEnd])
  return (
    <div className="notice">
      <span>{text}</span>
      {undo && (
        <Button
          kind="quiet"
          small
          onPress={() => {
            onEnd(id)
            undo()
          }}
        >
          Undo
        </Button>
      )}
      <Button kind="quiet" small aria-label="Dismiss" onPress={() => onEnd(id)}>
        ×
      </Button>
    </div>
  )
}

export const useNotify = (): Notify => useContext(NoticesContext)
