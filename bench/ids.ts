import { createHash } from 'node:crypto'

/** What a seeded row's id begins with, by its kind; its number follows. */
const KINDS = {
  user: '001',
  organization: '002',
  workspace: '003',
  role: '004',
  membership: '005',
  grant: '006',
  session: '007',
} as const

export type Kind = keyof typeof KINDS

const prefixOf = (kind: Kind) => `00000000-0000-7000-8${KINDS[kind]}-`

/** The id of the nth row of a kind: the same in every run. */
export const idOf = (kind: Kind, nth: number): string => prefixOf(kind) + nth.toString(16).padStart(12, '0')

/** The same as an SQL expression. */
export const sqlId = (kind: Kind, nth: string): string =>
  `('${prefixOf(kind)}' || lpad(to_hex(${nth}), 12, '0'))::uuid`

/** A global id, as Atrium's clients see it. */
export const globalId = (typename: string, id: string): string =>
  Buffer.from(`${typename}:${id}`).toString('base64url')

/** The row's id inside of a global id. */
export const rowIdOf = (id: string): string => Buffer.from(id, 'base64url').toString().split(':')[1] ?? id

/** The bearer token of a person's seeded session, and what the database holds in its stead. */
export const tokenOf = (person: number): string => `bench-session-of-person-${person}`
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
