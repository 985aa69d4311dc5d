import type pg from 'pg'
import { hashOf, idOf, tokenOf } from './ids.ts'
import { type Prepared, prepare } from './load.ts'
import { formOf, halfOf, inviterOf, inviting, type Operation, type ServerName } from './operations.ts'
import type { Options } from './options.ts'

/** Different requests of a read, asked in turn. */
const READS = 256

/** What a server is sent in one round of an operation. */
export function requestsOf(
  server: ServerName,
  port: number,
  operation: Operation,
  options: Options,
): Prepared[] {
  const form = formOf(server, operation.name)
  const count = operation.writes ? options.writes : READS
  return Array.from({ length: count }, (_, nth) => {
    const given = operation.given(nth, options)
    const variables = form.variables(given)
    const body = form.query
      ? JSON.stringify({ query: form.query, variables, operationName: operation.name })
      : JSON.stringify(variables)
    return prepare(port, form.query ? '/graphql' : `/${operation.name}`, tokenOf(given.person), body)
  })
}

/** Puts what a write changes back to where it began, so that each round and each server finds the same. */
export async function reset(client: pg.Client, operation: Operation, options: Options): Promise<void> {
  if (operation.name === 'M1') {
    await client.query(
      `DELETE FROM workspace WHERE id NOT BETWEEN $1 AND $2 AND organization_id = ANY ($3)`,
      [idOf('workspace', 0), idOf('workspace', 0xffffffff), writtenOrganizations(options)],
    )
  }
  if (operation.name === 'M2') {
    await client.query(
      `UPDATE workspace_member m SET role_id = r.id FROM role r
       WHERE m.organization_id = ANY ($1) AND r.organization_id = m.organization_id AND r.scope = 'WORKSPACE' AND r.key = 'READ'
         AND m.role_id <> r.id`,
      [writtenOrganizations(options)],
    )
  }
  if (operation.name === 'M3') await resetInvites(client, options)
}

async function resetInvites(client: pg.Client, options: Options): Promise<void> {
  await client.query("DELETE FROM invite WHERE email LIKE 'person%@example.com'")
  const given = Array.from({ length: options.writes }, (_, nth) => inviting(nth, options))
  const rows = given.map(({ person, organization, workspace, text }, nth) => ({
    id: idOf('session', 0x10000000 + nth),
    person: idOf('user', person),
    email: `person${person}@example.com`,
    organization,
    workspace,
    inviter: inviterOf(nth, options),
    hash: hashOf(text),
  }))
  await client.query(
    `DELETE FROM organization_member om USING json_to_recordset($1) AS r (person uuid, organization uuid)
     WHERE om.organization_id = r.organization AND om.user_id = r.person`,
    [JSON.stringify(rows)],
  )
  await client.query(
    `INSERT INTO invite (id, organization_id, workspace_id, email, role_id, role_scope, token_hash, invited_by_id, expires_at, updated_at)
     SELECT r.id, r.organization, r.workspace, r.email, role.id, 'WORKSPACE', r.hash, r.inviter, now() + interval '1 day', now()
     FROM json_to_recordset($1) AS r (id uuid, organization uuid, workspace uuid, email text, inviter uuid, hash text)
     JOIN role ON role.organization_id = r.organization AND role.scope = 'WORKSPACE' AND role.key = 'READ'`,
    [JSON.stringify(rows)],
  )
}

const writtenOrganizations = (options: Options): string[] =>
  Array.from({ length: halfOf(options) }, (_, nth) => idOf('organization', halfOf(options) + nth))
