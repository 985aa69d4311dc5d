import {
  AccessTokensDocument,
  useCreateAccessTokenMutation,
  useRevokeAccessTokenMutation,
} from '@atrium/client'
import { useState } from 'react'
import { CheckboxGroup, Label } from 'react-aria-components'
import { useAction } from '../lib/action.ts'
import { useEndless } from '../lib/endless.ts'
import { ALL_PERMISSIONS, dateOf, PERMISSIONS, plural } from '../lib/words.ts'
import { Button, Check, Field } from '../ui/controls.tsx'
import { Ask } from '../ui/dialog.tsx'
import { textOf } from '../ui/form.tsx'
import { EndlessList } from '../ui/list.tsx'
import { useNotify } from '../ui/notices.tsx'
import { Section } from '../ui/page.tsx'
import { Secret } from '../ui/secret.tsx'
import { Badge, Empty } from '../ui/states.tsx'

/** Personal access tokens: what programs sign in with. */
export function AccessTokens() {
  const [isCreating, setCreating] = useState(false)
  const list = useEndless(AccessTokensDocument, { first: 20 }, ({ viewer }) => viewer?.accessTokens)
  const revoke = useAction(useRevokeAccessTokenMutation())
  const notify = useNotify()
  const end = async (id: string, name: string) => {
    const { payload } = await revoke.run({ input: { id } })
    if (payload) notify(`The token ${name} was revoked.`)
  }
  return (
    <Section
      title="Access tokens"
      about="For programs. A token is you, and never more than you may do at that moment."
      actions={<Button onPress={() => setCreating(true)}>New token</Button>}
    >
      <EndlessList
        label="Access tokens"
        list={list}
        nouns={['token', 'tokens']}
        keyOf={({ id }) => id}
        empty={<Empty title="No tokens" />}
        row={({ id, name, prefix, scopes, expiresAt, lastUsedAt }) => (
          <div className="row-line">
            <div className="row">
              <span className="row-main">
                <span className="row-title">{name}</span>
                <span className="hint">
                  <code>{prefix}…</code> · {lastUsedAt ? `used ${dateOf(lastUsedAt)}` : 'never used'} ·{' '}
                  {expiresAt ? `until ${dateOf(expiresAt)}` : 'until it is revoked'}
                </span>
              </span>
              <Badge>{scopes ? plural(scopes.length, 'permission') : 'Everything you may do'}</Badge>
            </div>
            <Button small kind="quiet" aria-label={`Revoke ${name}`} onPress={() => void end(id, name)}>
              Revoke
            </Button>
          </div>
        )}
      />
      {isCreating && <CreateToken onClose={() => setCreating(false)} />}
    </Section>
  )
}

function CreateToken({ onClose }: { onClose(): void }) {
  const action = useAction(useCreateAccessTokenMutation())
  const [secret, setSecret] = useState<string | null>(null)
  const [scopes, setScopes] = useState<string[]>([])
  const send = async (fields: FormData) => {
    const expiresAt = textOf(fields, 'expiresAt')
    const chosen = ALL_PERMISSIONS.filter((permission) => scopes.includes(permission))
    const { payload } = await action.run({
      input: {
        name: textOf(fields, 'name'),
        ...(expiresAt ? { expiresAt: new Date(expiresAt).toISOString() } : {}),
        ...(chosen.length ? { scopes: chosen } : {}),
      },
    })
    if (payload) setSecret(payload.secret)
  }
  return (
    <Ask
      title="New token"
      wide
      isOpen
      onClose={onClose}
      submit="Create"
      busy={action.busy}
      issues={action.issues}
      message={action.message}
      isDone={secret !== null}
      onSubmit={(fields) => void send(fields)}
    >
      {secret ? (
        <Secret label="The token" value={secret} />
      ) : (
        <>
          <Field label="Name" name="name" placeholder="Nightly import" isRequired autoFocus />
          <Field
            label="Works until"
            name="expiresAt"
            type="datetime-local"
            hint="Left empty, until it is revoked."
          />
          <CheckboxGroup className="field" value={scopes} onChange={setScopes}>
            <Label>Only for</Label>
            <p className="hint">With none chosen it may do everything that you may do.</p>
            <div className="columns">
              {ALL_PERMISSIONS.map((permission) => (
                <Check key={permission} value={permission}>
                  {PERMISSIONS[permission]}
                </Check>
              ))}
            </div>
          </CheckboxGroup>
        </>
      )}
    </Ask>
  )
}
