import { type ReactNode, useEffect, useRef } from 'react'
import { NavLink, useLocation } from 'react-router-dom'

interface PageProps {
  title: string
  /** In front of the title. */
  above?: ReactNode
  /** Beside the title. */
  actions?: ReactNode
  about?: ReactNode
  children: ReactNode
}

/** The heading of a page, its window title, and what is on it. */
export function Page({ title, above, actions, about, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Atrium`
  }, [title])
  return (
    <main className="page" id="main" tabIndex={-1}>
      <header className="page-head">
        <div>
          {above && <div className="above">{above}</div>}
          <h1>{title}</h1>
          {about && <div className="about">{about}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </main>
  )
}

export interface Tab {
  to: string
  label: string
  hidden?: boolean
  /** A part of the addresses of pages that one comes to from here: on them the tab is the open one too. */
  holds?: string
}

/** The parts of a page that have addresses of their own. */
export function TabLinks({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const list = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    // On a phone the open part may stand beyond the edge.
    const open = pathname && list.current?.querySelector('.active')
    if (open) open.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [pathname])
  return (
    <nav className="tabs" aria-label={label} ref={list}>
      {tabs
        .filter(({ hidden }) => !hidden)
        .map(({ to, label: text, holds }) => (
          <NavLink
            key={to}
            to={to}
            className={({ isActive }) =>
              isActive || (holds && pathname.includes(`/${holds}/`)) ? 'tab active' : 'tab'
            }
          >
            {text}
          </NavLink>
        ))}
    </nav>
  )
}

interface SectionProps {
  title: string
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

export function Section({ title, about, actions, children }: SectionProps) {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <div>
          <h2>{title}</h2>
          {about && <p className="hint">{about}</p>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </section>
  )
}
