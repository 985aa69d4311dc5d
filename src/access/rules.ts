import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { AccessLevel } from '../generated/prisma/client.ts'
import { idOf, typedIdOf } from '../graphql/ids.ts'
import type { Db } from '../platform/db.ts'
import {
  forbidden,
  missing,
  notFound,
  notVerified,
  notWithToken,
  unauthenticated,
} from '../platform/refusal.ts'
import type { Standing } from './access.ts'
import { inPerson } from './caller.ts'
import {
  type OrganizationPermission,
  type Permission,
  reaches,
  type WorkspacePermission,
} from './permissions.ts'
import type { Viewer } from './viewer.ts'

type Args = Record<string, unknown>
type Kind = 'Organization' | 'Workspace'

/**
 * The gate in front of one root field. It resolves when the viewer may pass and throws a CodedError when not; the guard
 * turns that into an answer. Its name says what it asks, for the printed table of gates.
 */
export interface Gate {
  name: string
  check(args: Args, context: Context, info: GraphQLResolveInfo): Promise<void> | void
  /** The object that it will ask about, when its arguments alone tell; for reading it in advance. */
  named?(args: Args): Found | null
}

/** What a gate asks about: an organization or a workspace, found in the arguments. */
export interface Target {
  name: string
  /** Null when the arguments name no object and the use case decides on one itself. */
  find(args: Args, context: Context): Found | null | Promise<Found | null>
  /** The same, where the arguments alone tell. */
  named?(args: Args): Found | null
  /** Whether a deleted organization is meant too, for whoever may restore it. */
  deleted?: true
}

interface Found {
  kind: Kind
  id: string
}

/** Anybody, signed in or not. */
export const isPublic: Gate = { name: 'isPublic', check: () => undefined }

/** Anybody who is signed in, also with an address that is not verified yet. */
export const isAuthenticated: Gate = {
  name: 'isAuthenticated',
  check: (_args, { viewer }, info) => {
    if (!viewer) throw unauthenticated()
    refuseScopes(viewer, info)
  },
}

/** Anybody who is signed in with more than an access token (T6). */
export const isInPerson: Gate = {
  name: 'isInPerson',
  check: (_args, context) => void inPerson(context),
}

/** Anybody with a validated account (T2). */
export const isVerified: Gate = {
  name: 'isVerified',
  check: (_args, context, info) => {
    refuseScopes(verified(context), info)
  },
}

function verified({ viewer }: Context): Viewer {
  if (!viewer) throw unauthenticated()
  if (!viewer.emailVerified) throw notVerified()
  return viewer
}

/** A mutation that asks for no permission is in no scope, so a token with scopes is refused (T6). */
function refuseScopes({ accessToken }: Viewer, { parentType }: GraphQLResolveInfo): void {
  if (accessToken?.scopes && parentType.name === 'Mutation') throw notWithToken()
}

/** Platform administrators alone (T3). */
export const isPlatformAdmin: Gate = {
  name: 'isPlatformAdmin',
  check: async (args, context, info) => {
    await isVerified.check(args, context, info)
    if (context.viewer?.platformRole !== 'ADMIN') throw forbidden('platform:admin')
  },
}

function target(kinds: [Kind, ...Kind[]], argument: string): Target {
  const named = (args: Args) => {
    const given = ((args.input as Args | undefined) ?? args)[argument]
    if (given === undefined || given === null) return null
    const { typename, id } = typedIdOf(String(given), ...kinds)
    return { kind: typename, id }
  }
  const name = `${kinds.length === 2 ? 'scope' : kinds[0].toLowerCase()}('${argument}')`
  return { name, find: named, named }
}

/** The organization whose id is this argument, or this field of `input`. */
export const organization = (argument: string): Target => target(['Organization'], argument)

/** The workspace whose id is this argument, or this field of `input`. */
export const workspace = (argument: string): Target => target(['Workspace'], argument)

/** The organization or workspace whose id is this argument, or this field of `input`. */
export const scope = (argument: string): Target => target(['Organization', 'Workspace'], argument)

/** {@link organization}, also when it is deleted: to restore it. For everybody who may not, a deleted one stays absent. */
export const organizationOrDeleted = (argument: string): Target => ({
  ...organization(argument),
  name: `organization('${argument}', deleted)`,
  deleted: true,
})

/**
 * The workspace that a row lies in, found by the row's id.
 *
 * @param typename the type of the row, which its global id names
 * @param argument the argument, or field of `input`, with the row's id
 * @param find looks the row up, wherever it is: the standing on its workspace decides whether it exists for the viewer
 */
export const workspaceOf = (
  typename: string,
  argument: string,
  find: (db: Db, id: string) => Promise<{ workspaceId: string } | null>,
): Target => ({
  name: `workspaceOf(${typename}, '${argument}')`,
  find: async (args, { db }) => {
    const given = ((args.input as Args | undefined) ?? args)[argument]
    const row = await find(db, idOf(String(given), typename))
    if (!row) throw notFound()
    return { kind: 'Workspace', id: row.workspaceId }
  },
})

/**
 * The organization or workspace that a row belongs to, found by the row's id.
 *
 * @param typename the type of the row, which its global id names
 * @param argument the argument, or field of `input`, with the row's id
 * @param find looks the row up under the filter of its policy: null when the viewer can't see it
 */
export const scopeOfRow = (
  typename: string,
  argument: string,
  find: (id: string, context: Context) => Promise<Found | null>,
): Target => ({
  name: `scopeOf(${typename}, '${argument}')`,
  find: async (args, context) => {
    const given = ((args.input as Args | undefined) ?? args)[argument]
    return (await find(typedIdOf(String(given), typename).id, context)) ?? missing()
  },
})

/** A permission, or one for each kind of scope. */
export type Asked = Permission | { Organization: OrganizationPermission; Workspace: WorkspacePermission }

/**
 * The viewer holds this permission on the target.
 *
 * @throws {CodedError} NOT_FOUND when the viewer can't see the target, FORBIDDEN when they can but may not
 */
export function can(asked: Asked, on: Target): Gate {
  const name = typeof asked === 'string' ? asked : `${asked.Organization} | ${asked.Workspace}`
  return guardOf(`can('${name}', ${on.name})`, on, (standing, kind) => {
    const permission = typeof asked === 'string' ? asked : asked[kind]
    if (!standing.permissions.has(permission)) throw forbidden(permission)
  })
}

/**
 * The viewer's level on the target reaches this one.
 *
 * @throws {CodedError} NOT_FOUND when the viewer can't see the target, FORBIDDEN when they can but the level is lower
 */
export function hasAccess(level: AccessLevel, on: Target): Gate {
  return guardOf(`hasAccess(${level}, ${on.name})`, on, (standing) => {
    if (!reaches(standing.level, level)) throw forbidden(`access level ${level}`)
  })
}

function guardOf(name: string, on: Target, decide: (standing: Standing, kind: Kind) => void): Gate {
  return {
    name,
    ...(on.named ? { named: on.named } : {}),
    check: async (args, context) => {
      verified(context)
      const found = await on.find(args, context)
      if (!found) return
      const standing =
        (await standingOn(context, found)) ??
        (on.deleted ? await context.access.onDeletedOrganization(found.id) : null)
      if (!standing) throw notFound()
      decide(standing, found.kind)
    },
  }
}

/** The viewer's standing on an organization or a workspace; null when it does not exist for them. */
export function standingOn(
  { access }: Context,
  { kind, id }: { kind: Kind; id: string },
): Promise<Standing | null> {
  return kind === 'Organization' ? access.onOrganization(id) : access.onWorkspace(id)
}
