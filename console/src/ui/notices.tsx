import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'
import { Button } from './controls.tsx'

interface Notice {
  id: number
  text: string
  undo?: () => void
}

type Notify = (text: string, undo?: () => void) => void

const NoticesContext = createContext<Notify>(() => {})
const SHOWN_MS = 10_000

/** Short sentences about what has just happened, read out by screen readers, with a way back where there is one. */
export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([])
  const dismiss = useCallback((id: number) => setNotices((all) => all.filter((one) => one.id !== id)), [])
  const notify = useCallback<Notify>(
    (text, undo) => {
      const id = performance.now()
      setNotices((all) => [...all.slice(-2), { id, text, ...(undo ? { undo } : {}) }])
      setTimeout(() => dismiss(id), SHOWN_MS)
    },
    [dismiss],
  )
  return (
    <NoticesContext value={notify}>
      {children}
      <div className="notices" role="status" aria-label="Notices">
        {notices.map(({ id, text, undo }) => (
          <div className="notice" key={id}>
            <span>{text}</span>
            {undo && (
              <Button
                kind="quiet"
                small
                onPress={() => {
                  dismiss(id)
                  undo()
                }}
              >
                Undo
              </Button>
            )}
            <Button kind="quiet" small aria-label="Dismiss" onPress={() => dismiss(id)}>
              ×
            </Button>
          </div>
        ))}
      </div>
    </NoticesContext>
  )
}

export const useNotify = (): Notify => useContext(NoticesContext)
