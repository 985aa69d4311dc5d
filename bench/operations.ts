import { ATRIUM, FLOOR, type Form, MERCURIUS, POSTGRAPHILE } from './forms.ts'
import { idOf } from './ids.ts'
import type { Options } from './options.ts'
import { LARGE_WORKSPACES } from './seed.ts'

export const SERVERS = ['floor', 'mercurius', 'postgraphile', 'atrium'] as const
export type ServerName = (typeof SERVERS)[number]

/** One request: who asks, and about what. Ids are those of rows. */
export interface Given {
  person: number
  organization: string
  workspace: string
  user: string
  text: string
}

export interface Operation {
  name: string
  title: string
  writes: boolean
  given: (nth: number, options: Options) => Given
}

const FORMS: Record<ServerName, Record<string, Form>> = {
  atrium: ATRIUM,
  postgraphile: POSTGRAPHILE,
  mercurius: MERCURIUS,
  floor: FLOOR,
}

export function formOf(server: ServerName, operation: string): Form {
  const form = FORMS[server][operation]
  if (!form) throw new Error(`${server} has no ${operation}`)
  return form
}

/** Reads are asked of the first half of the organizations, writes of the second: one never changes the other's answer. */
export const halfOf = ({ organizations }: Options): number => Math.floor(organizations / 2)

function about(organization: number, workspaceOfIt: number, person: number, options: Options): Given {
  return {
    person,
    organization: idOf('organization', organization),
    workspace: idOf('workspace', workspaceOfIt * options.organizations + organization),
    user: idOf('user', person),
    text: '',
  }
}

/** The administrator of an organization and a plain member who has a role on each workspace, in turn. */
const readerOf = (organization: number, nth: number, { organizations }: Options) =>
  organization + organizations * (1 + (nth % 2))

const administratorOf = (organization: number, { organizations }: Options) => organization + organizations

function reading(nth: number, options: Options): Given {
  const places = halfOf(options) - LARGE_WORKSPACES
  const organization = LARGE_WORKSPACES + (nth % places)
  const person = readerOf(organization, Math.floor(nth / places) + nth, options)
  return about(organization, nth % options.workspacesEach, person, options)
}

function readingLarge(nth: number, options: Options): Given {
  const organization = nth % LARGE_WORKSPACES
  return about(organization, 0, readerOf(organization, Math.floor(nth / LARGE_WORKSPACES), options), options)
}

const writtenOrganization = (nth: number, options: Options) => halfOf(options) + (nth % halfOf(options))

function creating(nth: number, options: Options): Given {
  const organization = writtenOrganization(nth, options)
  return { ...about(organization, 0, administratorOf(organization, options), options), text: `New ${nth}` }
}

function granting(nth: number, options: Options): Given {
  const organization = writtenOrganization(nth, options)
  const rest = Math.floor(nth / halfOf(options))
  const workspace = rest % options.workspacesEach
  const member = 3 + ((workspace * 13 + 1 + Math.floor(rest / options.workspacesEach)) % 97)
  const given = about(organization, workspace, administratorOf(organization, options), options)
  return { ...given, user: idOf('user', member * options.organizations + organization), text: 'WRITE' }
}

/** Whoever is invited belongs to the first half, and to none of the organizations that they are invited to. */
export function inviting(nth: number, options: Options): Given {
  const half = halfOf(options)
  const person = (nth % half) + options.organizations * (10 + Math.floor(nth / half))
  return { ...about(half + (nth % half), 0, person, options), text: `bench-invite-${nth}` }
}

export const OPERATIONS: Operation[] = [
  { name: 'Q1', title: 'workspace by id with its organization', writes: false, given: reading },
  { name: 'Q2', title: 'organization, its first 50 workspaces', writes: false, given: reading },
  {
    name: 'Q3',
    title: 'organization, 20 workspaces, 10 members each, role and user',
    writes: false,
    given: reading,
  },
  {
    name: 'Q4',
    title: 'members of a large workspace, filtered, ordered, counted',
    writes: false,
    given: readingLarge,
  },
  { name: 'Q5', title: 'viewer with organizations and workspaces', writes: false, given: reading },
  { name: 'M1', title: 'create a workspace', writes: true, given: creating },
  { name: 'M2', title: "set a member's role", writes: true, given: granting },
  { name: 'M3', title: 'accept an invite', writes: true, given: inviting },
]

/** For whoever invites: an administrator of the organization. */
export const inviterOf = (nth: number, options: Options): string =>
  idOf('user', administratorOf(halfOf(options) + (nth % halfOf(options)), options))
