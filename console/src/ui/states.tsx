import type { Problem } from '@atrium/client'
import type { ReactNode } from 'react'
import { ProgressBar } from 'react-aria-components'
import { Button } from './controls.tsx'

export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <ProgressBar className="loading" isIndeterminate aria-label={label}>
      <span className="loading-dot" />
      <span className="loading-dot" />
      <span className="loading-dot" />
    </ProgressBar>
  )
}

/** A page that could not be read. */
export function Failure({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div className="state" role="alert">
      <p className="state-title">{problem.code === 'NOT_FOUND' ? 'Not found' : 'This did not load'}</p>
      <p>{problem.message}</p>
      {retry && problem.code !== 'NOT_FOUND' && <Button onPress={retry}>Try again</Button>}
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children}
    </div>
  )
}

/** What went wrong with what was just tried. */
export function Refused({ message }: { message: string | null }) {
  if (!message) return null
  return (
    <p className="refused" role="alert">
      {message}
    </p>
  )
}

/** Why something is not offered. */
export function Why({ children }: { children: ReactNode }) {
  return <p className="why">{children}</p>
}

type Tone = 'plain' | 'good' | 'bad' | 'accent'

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>
}

/** A person's initials: no picture is loaded from elsewhere. */
export function Avatar({ name }: { name: string }) {
  return (
    <span className="avatar" aria-hidden="true">
      {initialsOf(name)}
    </span>
  )
}

export function initialsOf(name: string): string {
  const [first = '?', ...rest] = name.trim().split(/\s+/)
  return [first, rest.at(-1) ?? '']
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
}
