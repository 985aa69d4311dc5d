import {
  type CreateInvitesMutation,
  type InviteFieldsFragment,
  issuesOf,
  type PayloadOf,
  useCreateInvitesMutation,
  useResendInviteMutation,
  useRevokeInviteMutation,
} from '@atrium/client'
import { useMemo, useState } from 'react'
import { useAction } from '../lib/action.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { PEOPLE, type ScopeShown, useInvites } from '../lib/scope.ts'
import { dateOf } from '../lib/words.ts'
import { Button, Choice, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Avatar, Badge, Empty, Why } from '../ui/states.tsx'
import { RolePicker } from './role-picker.tsx'

const SHOWN = [
  { id: 'open', label: 'Open' },
  { id: 'all', label: 'All' },
] as const

const STATUS = {
  PENDING: { text: 'Open', tone: 'accent' },
  ACCEPTED: { text: 'Accepted', tone: 'good' },
  DECLINED: { text: 'Declined', tone: 'bad' },
  EXPIRED: { text: 'Expired', tone: 'plain' },
  REVOKED: { text: 'Withdrawn', tone: 'plain' },
} as const

/** Who was invited, and what came of it. */
export function Invites({ scope }: { scope: ScopeShown }) {
  const [shown, setShown] = useState<(typeof SHOWN)[number]['id']>('open')
  const [isInviting, setInviting] = useState(false)
  const permission = PEOPLE[scope.kind].invites
  const mayInvite = may(scope, permission)
  const list = useInvites(scope, shown === 'open')
  return (
    <>
      <div className="toolbar">
        <Choice label="Show" hideLabel options={SHOWN} value={shown} onChange={setShown} />
        {mayInvite && (
          <Button kind="primary" onPress={() => setInviting(true)}>
            Invite people
          </Button>
        )}
      </div>
      {!mayInvite && <Why>{whyNot(scope, permission)}</Why>}
      <EndlessList
        label="Invites"
        list={list}
        nouns={['invite', 'invites']}
        keyOf={({ id }) => id}
        empty={
          <Empty title={shown === 'open' ? 'No invite is open' : 'Nobody was invited yet'}>
            {mayInvite && <p>Invite as many people at once as you like: one address a line.</p>}
          </Empty>
        }
        row={(invite) => <InviteRow invite={invite} mayInvite={mayInvite} />}
      />
      {isInviting && <InvitePeople scope={scope} onClose={() => setInviting(false)} />}
    </>
  )
}

function InviteRow({ invite, mayInvite }: { invite: InviteFieldsFragment; mayInvite: boolean }) {
  const { id, email, role, status, invitedBy, createdAt, expiresAt } = invite
  const resend = useAction(useResendInviteMutation())
  const revoke = useAction(useRevokeInviteMutation())
  const notify = useNotify()
  const isOpen = status === 'PENDING'
  const again = async () => {
    const { payload, refusal, problem } = await resend.run({ input: { id } })
    notify(payload ? `Another mail is on its way to ${email}.` : ((refusal ?? problem)?.message ?? ''))
  }
  const withdraw = async () => {
    const { payload, refusal, problem } = await revoke.run({ input: { id } })
    notify(payload ? `The invite for ${email} was withdrawn.` : ((refusal ?? problem)?.message ?? ''))
  }
  return (
    <div className="row-line">
      <div className="row">
        <Avatar name={email} />
        <span className="row-main">
          <span className="row-title">{email}</span>
          <span className="hint">
            by {invitedBy?.fullName ?? 'somebody who is gone'} on {dateOf(createdAt)}
            {isOpen ? `, until ${dateOf(expiresAt)}` : ''}
          </span>
        </span>
        <Badge>{role.name}</Badge>
        <Badge tone={STATUS[status].tone}>{STATUS[status].text}</Badge>
      </div>
      {mayInvite && (isOpen || status === 'EXPIRED') && (
        <div className="row-actions">
          <Button
            small
            isPending={resend.busy}
            aria-label={`Resend to ${email}`}
            onPress={() => void again()}
          >
            Resend
          </Button>
          {isOpen && (
            <Button
              small
              kind="quiet"
              isPending={revoke.busy}
              aria-label={`Withdraw the invite for ${email}`}
              onPress={() => void withdraw()}
            >
              Withdraw
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

type Outcomes = PayloadOf<NonNullable<CreateInvitesMutation['createInvites']>>['results']

const OUTCOME = {
  INVITED: { text: 'Invited', tone: 'good' },
  RESENT: { text: 'Sent again', tone: 'good' },
  ADDED: { text: 'Added', tone: 'good' },
  ALREADY_MEMBER: { text: 'Here already', tone: 'plain' },
  REFUSED: { text: 'Refused', tone: 'bad' },
} as const

/** Among many addresses, a complaint about one says which. */
function namingAddresses(
  issues: Record<string, string>,
  refusal: object | null,
  asked: readonly string[],
): Record<string, string> {
  const wrong = Object.entries(issuesOf(refusal)).flatMap(([path, message]) => {
    const nth = /^invites\.(\d+)\.email$/.exec(path)?.[1]
    return nth === undefined ? [] : [`${asked[Number(nth)] ?? ''}: ${message}`]
  })
  return wrong.length > 0 ? { ...issues, invites: wrong.join(' ') } : issues
}

function InvitePeople({ scope, onClose }: { scope: ScopeShown; onClose(): void }) {
  const action = useAction(useCreateInvitesMutation())
  const [role, setRole] = useState<string | null>(null)
  const [outcomes, setOutcomes] = useState<Outcomes | null>(null)
  const [asked, setAsked] = useState<string[]>([])
  const { issues: found, refusal } = action
  const issues = useMemo(() => namingAddresses(found, refusal, asked), [found, refusal, asked])
  const send = async (fields: FormData) => {
    const emails = textOf(fields, 'invites')
      .split(/[\s,;]+/)
      .filter(Boolean)
    setAsked(emails)
    const days = Number(textOf(fields, 'expiresInDays'))
    const { payload } = await action.run({
      input: {
        scopeId: scope.id,
        invites: emails.map((email) => ({ email, role: role ?? '' })),
        ...(days ? { expiresInDays: days } : {}),
      },
    })
    if (payload) setOutcomes(payload.results)
  }
  return (
    <Ask
      title={`Invite people to ${scope.name}`}
      isOpen
      onClose={onClose}
      submit="Send invites"
      busy={action.busy}
      issues={issues}
      message={action.message}
      isDone={outcomes !== null}
      onSubmit={(fields) => void send(fields)}
    >
      {outcomes ? (
        <ul className="outcomes" aria-label="What came of it">
          {outcomes.map(({ email, outcome, message }) => (
            <li key={email}>
              <Badge tone={OUTCOME[outcome].tone}>{OUTCOME[outcome].text}</Badge>
              <strong>{email}</strong>
              <span className="hint">{message}</span>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <Field
            label="Addresses"
            name="invites"
            rows={5}
            hint="One a line, or with commas between."
            isRequired
            autoFocus
          />
          <RolePicker scope={scope} value={role} onChange={setRole} />
          <Field label="Good for how many days" name="expiresInDays" type="number" placeholder="7" />
        </>
      )}
    </Ask>
  )
}
