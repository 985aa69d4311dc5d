import {
  type InvitePreviewFieldsFragment,
  useAcceptInviteMutation,
  useDeclineInviteMutation,
  useInviteQuery,
  useSignOutMutation,
  useViewerQuery,
} from '@atrium/client'
import { useState } from 'react'
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { problemIn } from '../lib/problems.ts'
import { useSession } from '../lib/session.tsx'
import { dateOf } from '../lib/words.ts'
import { Button, Field } from '../ui/controls.tsx'
import { PageForm, textOf } from '../ui/form.tsx'
import { Front } from '../ui/front.tsx'
import { Failure, Loading, Refused } from '../ui/states.tsx'

export function AcceptInvitePage() {
  const [query, setQuery] = useSearchParams()
  const token = query.get('token') ?? ''
  const [{ data, fetching, error }] = useInviteQuery({ variables: { token }, pause: !token })
  if (!token) return <PasteLink onToken={(pasted) => setQuery({ token: pasted })} />
  if (fetching) return <Loading />
  const problem = problemIn(error)
  if (problem && problem.code !== 'NOT_FOUND') return <Failure problem={problem} />
  if (!data?.invite)
    return <Unavailable why="This link is not known. It may have been replaced by a newer mail." />
  return <Offer invite={data.invite} token={token} />
}

const UNAVAILABLE: Record<string, string> = {
  ACCEPTED: 'This invite has been accepted already.',
  DECLINED: 'This invite was declined.',
  EXPIRED: 'This invite has expired. Ask for another one.',
  REVOKED: 'This invite was withdrawn.',
}

function Unavailable({ why }: { why: string }) {
  return (
    <Front title="This invite can not be accepted" foot={<Link to="/">To the console</Link>}>
      <p role="alert">{why}</p>
    </Front>
  )
}

function PasteLink({ onToken }: { onToken(token: string): void }) {
  const send = (fields: FormData) => {
    const pasted = textOf(fields, 'link')
    const token = URL.canParse(pasted) ? new URL(pasted).searchParams.get('token') : pasted
    if (token) onToken(token)
  }
  return (
    <Front title="Accept an invite" foot={<Link to="/">To the console</Link>}>
      <PageForm action={{ issues: {}, message: null, busy: false }} submit="Go on" onSubmit={send}>
        <Field label="The link of the mail" name="link" isRequired autoFocus />
      </PageForm>
    </Front>
  )
}

function Offer({ invite, token }: { invite: InvitePreviewFieldsFragment; token: string }) {
  const [declined, setDeclined] = useState(false)
  const [{ data, fetching }] = useViewerQuery()
  const place = invite.workspaceName
    ? `${invite.workspaceName} (${invite.organizationName})`
    : invite.organizationName
  const why = UNAVAILABLE[invite.status]
  if (declined) return <Unavailable why="You have declined. Whoever invited you can see that." />
  if (why) return <Unavailable why={why} />
  if (fetching && !data) return <Loading />
  const user = data?.viewer?.user
  const isTheirs = user?.email?.toLowerCase() === invite.email.toLowerCase()
  return (
    <Front title={`Join ${invite.workspaceName ?? invite.organizationName}`}>
      <p>
        {invite.inviterName ?? 'Somebody'} invites <strong>{invite.email}</strong> to {place} as{' '}
        <strong>{invite.roleName}</strong>. The invite is good until {dateOf(invite.expiresAt)}.
      </p>
      {isTheirs ? (
        <Answer token={token} onDeclined={() => setDeclined(true)} />
      ) : (
        <Entrances email={invite.email} token={token} signedInAs={user?.email ?? null} />
      )}
    </Front>
  )
}

function Answer({ token, onDeclined }: { token: string; onDeclined(): void }) {
  const accept = useAction(useAcceptInviteMutation())
  const decline = useAction(useDeclineInviteMutation())
  const navigate = useNavigate()
  const join = async () => {
    const { payload } = await accept.run({ input: { token } })
    if (!payload) return
    const { scope } = payload
    const home = scope.__typename === 'Organization' ? scope.slug : scope.organization.slug
    const rest = scope.__typename === 'Workspace' ? `/${scope.key}/overview` : ''
    void navigate(`/organizations/${home}/workspaces${rest}`, { replace: true })
  }
  const refuse = async () => {
    const { payload } = await decline.run({ input: { token } })
    if (payload) onDeclined()
  }
  return (
    <>
      <Refused message={accept.message ?? decline.message} />
      <div className="actions start">
        <Button kind="primary" isPending={accept.busy} onPress={() => void join()}>
          Accept
        </Button>
        <Button kind="quiet" isPending={decline.busy} onPress={() => void refuse()}>
          Decline
        </Button>
      </div>
    </>
  )
}

interface EntrancesProps {
  email: string
  token: string
  signedInAs: string | null
}

/** Whether the address has an account is not told: both ways are there. */
function Entrances({ email, token, signedInAs }: EntrancesProps) {
  const [, signOut] = useSignOutMutation()
  const { restart } = useSession()
  const { pathname, search } = useLocation()
  const leave = async () => {
    await signOut({})
    restart()
  }
  if (signedInAs) {
    return (
      <>
        <p>
          You are signed in as {signedInAs}, but the invite is for {email}.
        </p>
        <Button kind="primary" onPress={() => void leave()}>
          Sign out
        </Button>
      </>
    )
  }
  const page = new URL(`../accept-invite?token=${encodeURIComponent(token)}`, document.baseURI).href
  return (
    <div className="actions start">
      <Link className="button primary" to={`/sign-in?next=${encodeURIComponent(pathname + search)}`}>
        I have an account
      </Link>
      <a className="button plain" href={page}>
        I am new here
      </a>
    </div>
  )
}
