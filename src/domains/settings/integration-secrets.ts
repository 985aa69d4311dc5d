import type { Caller } from '../../access/caller.ts'
import type { StoredSettings } from '../../access/policies.ts'
import type { Tx } from '../../platform/db.ts'
import type { NewEvent } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { invalidField } from '../../platform/refusal.ts'
import { MOST_SECRETS, type SettingsInput, type SettingsMode } from './settings-input.ts'

/** Whose secrets: an organization's own, or a workspace's. */
export interface SecretOwner {
  organizationId: string
  workspaceId: string | null
}

interface SecretRow {
  id: string
  integration: string
  key: string
  setAt: Date
}

interface Update {
  input: SettingsInput
  mode: SettingsMode
  /** The settings as they will be: an integration that is gone takes its secrets with it. */
  after: StoredSettings
}

/**
 * Seals and stores the secrets of an update, and removes those whose integration is gone (S5). They can't be read back, so an
 * integration that names no secrets keeps its own, also when everything is replaced.
 *
 * @returns which secrets were set or removed, and when they had been set: never what they are
 * @throws {ValidationError} when an integration would have too many
 */
export async function writeSecrets(
  tx: Tx,
  caller: Caller,
  owner: SecretOwner,
  { input, mode, after }: Update,
): Promise<NonNullable<NewEvent['changes']>> {
  const setAt = caller.clock.now()
  const present = await tx.integrationSecret.findMany({
    where: owner,
    select: { id: true, integration: true, key: true, setAt: true },
  })
  const given = (input.integrations ?? []).flatMap(({ key: integration, secrets }) =>
    Object.hasOwn(after.integrations ?? {}, integration)
      ? (secrets ?? []).map((secret) => ({ integration, ...secret }))
      : [],
  )
  const isGiven = ({ integration, key }: SecretRow) =>
    given.some((secret) => secret.integration === integration && secret.key === key)
  const isReplaced = ({ integration }: SecretRow) =>
    mode === 'REPLACE' && input.integrations?.some(({ key, secrets }) => key === integration && secrets)
  const isOrphan = ({ integration }: SecretRow) => !Object.hasOwn(after.integrations ?? {}, integration)
  const gone = present.filter((row) => isGiven(row) || isReplaced(row) || isOrphan(row))
  const added = given.flatMap(({ integration, key, value }) =>
    value === null
      ? []
      : [{ id: newId(), ...owner, integration, key, sealed: caller.secrets.seal(value), setAt }],
  )
  refuseTooMany([...present.filter((row) => !gone.includes(row)), ...added])
  if (gone.length > 0)
    await tx.integrationSecret.deleteMany({ where: { id: { in: gone.map(({ id }) => id) } } })
  if (added.length > 0) await tx.integrationSecret.createMany({ data: added })
  return changesOf(gone, added)
}

function refuseTooMany(rows: { integration: string }[]): void {
  const counts = new Map<string, number>()
  for (const { integration } of rows) counts.set(integration, (counts.get(integration) ?? 0) + 1)
  const [full] = [...counts].filter(([, count]) => count > MOST_SECRETS)
  if (full) {
    const message = `The integration ${full[0]} can have at most ${MOST_SECRETS} secrets.`
    throw invalidField('settings.integrations', message)
  }
}

function changesOf(gone: Omit<SecretRow, 'id'>[], added: Omit<SecretRow, 'id'>[]) {
  const changes: NonNullable<NewEvent['changes']> = {}
  const path = ({ integration, key }: Omit<SecretRow, 'id'>) => `integrations.${integration}.secrets.${key}`
  for (const row of gone) changes[path(row)] = { before: { setAt: row.setAt } }
  for (const row of added) changes[path(row)] = { ...changes[path(row)], after: { setAt: row.setAt } }
  return changes
}
