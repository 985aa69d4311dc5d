import {
  OrganizationMembersDocument,
  useDeleteOrganizationMutation,
  useLeaveMutation,
  useRestoreOrganizationMutation,
  useTransferOwnershipMutation,
  useUpdateOrganizationMutation,
} from '@atrium/client'
import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { may, whyNot } from '../lib/permissions.ts'
import { dateOf } from '../lib/words.ts'
import { Button, Choice, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { PageForm, textOf } from '../ui/form.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Why } from '../ui/states.tsx'
import { type OrganizationShown, useOrganization } from './organization.tsx'

/** The organization as a whole: its name, its owner, its end. */
export function OrganizationGeneralPage() {
  const organization = useOrganization()
  const [asked, setAsked] = useState<'delete' | 'leave' | 'transfer' | null>(null)
  const mayDelete = may(organization, 'ORGANIZATION_DELETE')
  const close = () => setAsked(null)
  return (
    <>
      <Section title="Name">
        {may(organization, 'ORGANIZATION_SETTINGS') ? (
          <Rename key={organization.version} organization={organization} />
        ) : (
          <Why>{whyNot(organization, 'ORGANIZATION_SETTINGS')}</Why>
        )}
      </Section>
      <Section title="Leave, hand over or delete">
        {!mayDelete && <Why>{whyNot(organization, 'ORGANIZATION_DELETE')}</Why>}
        <div className="actions start">
          <Button onPress={() => setAsked('leave')}>Leave the organization</Button>
          {may(organization, 'ORGANIZATION_TRANSFER') && (
            <Button onPress={() => setAsked('transfer')}>Transfer ownership</Button>
          )}
          {mayDelete && (
            <Button kind="danger" onPress={() => setAsked('delete')}>
              Delete the organization
            </Button>
          )}
        </div>
      </Section>
      {asked === 'leave' && <Leave organization={organization} onClose={close} />}
      {asked === 'transfer' && <Transfer organization={organization} onClose={close} />}
      {asked === 'delete' && <Delete organization={organization} onClose={close} />}
    </>
  )
}

function Rename({ organization }: { organization: OrganizationShown }) {
  const action = useAction(useUpdateOrganizationMutation())
  const notify = useNotify()
  const navigate = useNavigate()
  const send = async (fields: FormData) => {
    const { payload } = await action.run({
      input: {
        id: organization.id,
        expectedVersion: organization.version,
        name: textOf(fields, 'name'),
        slug: textOf(fields, 'slug'),
      },
    })
    if (!payload) return
    notify('The organization was changed.')
    if (payload.organization.slug !== organization.slug) {
      void navigate(`/organizations/${payload.organization.slug}/general`, { replace: true })
    }
  }
  return (
    <div className="card">
      <PageForm action={action} submit="Save" onSubmit={(fields) => void send(fields)}>
        <Field label="Name" name="name" defaultValue={organization.name} isRequired />
        <Field
          label="Name in links"
          name="slug"
          defaultValue={organization.slug}
          hint="Links with the old one stop working."
          isRequired
        />
      </PageForm>
    </div>
  )
}

interface EndProps {
  organization: OrganizationShown
  onClose(): void
}

function Leave({ organization, onClose }: EndProps) {
  const action = useAction(useLeaveMutation())
  const navigate = useNavigate()
  const send = async () => {
    const { payload } = await action.run({ input: { scopeId: organization.id } })
    if (payload) void navigate('/')
  }
  return (
    <Ask
      title={`Leave ${organization.name}?`}
      isOpen
      onClose={onClose}
      submit="Leave"
      isDangerous
      busy={action.busy}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>Your roles on its workspaces end too.</p>
    </Ask>
  )
}

function Transfer({ organization, onClose }: EndProps) {
  const action = useAction(useTransferOwnershipMutation())
  const notify = useNotify()
  const [userId, setUserId] = useState<string | null>(null)
  const members = useEndless(
    OrganizationMembersDocument,
    { id: organization.id, first: 200, orderBy: 'display_name' },
    (data) => data.organization?.members,
  )
  const send = async () => {
    const { payload } = await action.run({ input: { organizationId: organization.id, userId: userId ?? '' } })
    if (!payload) return
    notify(`${payload.member.user.fullName} owns ${organization.name} now.`)
    onClose()
  }
  return (
    <Ask
      title="Transfer ownership"
      isOpen
      onClose={onClose}
      submit="Transfer"
      isDangerous
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>Whoever you choose becomes an owner, and you an administrator.</p>
      <Choice
        label="New owner"
        name="userId"
        options={members.rows.map(({ user }) => ({
          id: user.id,
          label: user.fullName,
          about: user.email ?? undefined,
        }))}
        value={userId}
        onChange={setUserId}
      />
    </Ask>
  )
}

function Delete({ organization, onClose }: EndProps) {
  const action = useAction(useDeleteOrganizationMutation())
  const restore = useAction(useRestoreOrganizationMutation())
  const notify = useNotify()
  const navigate = useNavigate()
  const bringBack = async () => {
    const { payload } = await restore.run({ input: { id: organization.id } })
    notify(payload ? `${organization.name} is back.` : `${organization.name} could not be restored.`)
  }
  const send = async () => {
    const input = { id: organization.id, expectedVersion: organization.version }
    const { payload } = await action.run({ input })
    if (!payload) return
    void navigate('/')
    notify(
      `${organization.name} was deleted. It can be restored until ${dateOf(payload.purgeAt)}.`,
      () => void bringBack(),
    )
  }
  return (
    <Ask
      title={`Delete ${organization.name}?`}
      isOpen
      onClose={onClose}
      submit="Delete"
      isDangerous
      busy={action.busy}
      message={action.message}
      onSubmit={() => void send()}
    >
      <p>Its workspaces go with it. The notice that follows brings all of it back.</p>
    </Ask>
  )
}
