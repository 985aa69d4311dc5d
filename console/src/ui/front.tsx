import { type ReactNode, useEffect } from 'react'

/** A page for people who are not signed in: one card in the middle. */
export function Front({ title, children, foot }: { title: string; children: ReactNode; foot?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Atrium`
  }, [title])
  return (
    <main className="front">
      <div className="front-card">
        <p className="brand">
          <span className="mark" aria-hidden="true" />
          Atrium
        </p>
        <h1>{title}</h1>
        {children}
      </div>
      {foot && <p className="front-foot">{foot}</p>}
    </main>
  )
}
