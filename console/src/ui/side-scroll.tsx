import type { ReactNode } from 'react'
import { Group } from 'react-aria-components'

/** What is too wide for a phone: it scrolls sideways, and takes the focus so that the arrow keys reach it. */
export function SideScroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group className="scroll" role="region" aria-label={label} ref={focusable}>
      {children}
    </Group>
  )
}

function focusable(element: HTMLElement | null): void {
  if (element) element.tabIndex = 0
}
