import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { AccessLevel } from '../generated/prisma/client.ts'
import { typedIdOf } from '../graphql/ids.ts'
import { forbidden, notFound, notVerified, unauthenticated } from '../platform/refusal.ts'
import type { Standing } from './access.ts'
import {
  type OrganizationPermission,
  type Permission,
  reaches,
  type WorkspacePermission,
} from './permissions.ts'

type Args = Record<string, unknown>
type Kind = 'Organization' | 'Workspace'

/**
 * The gate in front of one root field. It resolves when the viewer may pass and throws a CodedError when not; the guard
 * turns that into an answer. Its name says what it asks, for the printed table of gates.
 */
export interface Gate {
  name: string
  check(args: Args, context: Context, info: GraphQLResolveInfo): Promise<void> | void
}

/** What a gate asks about: an organization or a workspace, found in the arguments. */
export interface Target {
  name: string
  /** Null when the arguments name no object and the use case decides on one itself. */
  find(args: Args): { kind: Kind; id: string } | null
}

/** Anybody, signed in or not. */
export const isPublic: Gate = { name: 'isPublic', check: () => undefined }

/** Anybody who is signed in, also with an address that is not verified yet. */
export const isAuthenticated: Gate = {
  name: 'isAuthenticated',
  check: (_args, { viewer }) => {
    if (!viewer) throw unauthenticated()
  },
}

/** Anybody with a validated account (T2). */
export const isVerified: Gate = {
  name: 'isVerified',
  check: (_args, { viewer }) => {
    if (!viewer) throw unauthenticated()
    if (!viewer.emailVerified) throw notVerified()
  },
}

const target = (kinds: [Kind, ...Kind[]], argument: string): Target => ({
  name: `${kinds.length === 2 ? 'scope' : kinds[0].toLowerCase()}('${argument}')`,
  find: (args) => {
    const given = ((args.input as Args | undefined) ?? args)[argument]
    if (given === undefined || given === null) return null
    const { typename, id } = typedIdOf(String(given), ...kinds)
    return { kind: typename, id }
  },
})

/** The organization whose id is this argument, or this field of `input`. */
export const organization = (argument: string): Target => target(['Organization'], argument)

/** The workspace whose id is this argument, or this field of `input`. */
export const workspace = (argument: string): Target => target(['Workspace'], argument)

/** The organization or workspace whose id is this argument, or this field of `input`. */
export const scope = (argument: string): Target => target(['Organization', 'Workspace'], argument)

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
    check: async (args, context, info) => {
      await isVerified.check(args, context, info)
      const found = on.find(args)
      if (!found) return
      const standing = await standingOn(context, found)
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
