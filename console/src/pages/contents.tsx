import { may, whyNot } from '../lib/permissions.ts'
import { Section } from '../ui/page.tsx'
import { Why } from '../ui/states.tsx'
import { Capabilities } from './capabilities.tsx'
import { EventSubscriptions } from './event-subscriptions.tsx'
import { Extensions } from './extensions.tsx'
import { Resources } from './resources.tsx'
import { useWorkspace } from './workspace.tsx'

/** What is registered inside of a workspace. */
export function ContentsPage() {
  const workspace = useWorkspace()
  return (
    <>
      <Resources workspace={workspace} />
      <Extensions workspace={workspace} />
      <Capabilities workspace={workspace} />
      {may(workspace, 'EVENTS_WRITE') ? (
        <EventSubscriptions workspace={workspace} />
      ) : (
        <Section title="Event subscriptions">
          <Why>{whyNot(workspace, 'EVENTS_WRITE')}</Why>
        </Section>
      )}
    </>
  )
}
