import type { Permission } from '../../access/permissions.ts'
import { builder } from '../../graphql/builder.ts'
import { defineConnection, rootList } from '../../graphql/connection.ts'
import { Viewer } from '../identity/types.ts'
import { PermissionEnum } from '../role/types.ts'
import { accessTokenList, sessionList } from './list.ts'
import { ownAccessTokens, ownSessions, refuseToken } from './policy.ts'

export const AccessToken = builder.prismaNode('AccessToken', {
  description:
    'A personal access token: what a program signs in with, as its owner and never with more rights. Only its owner sees it.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [ownAccessTokens(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What its owner calls it.' }),
    prefix: t.exposeString('prefix', {
      description: 'The first characters of the secret, by which its owner recognises it.',
    }),
    scopes: t.field({
      type: [PermissionEnum],
      nullable: true,
      description: 'All that can be done with it; null for everything that its owner may do.',
      select: { isLimited: true, scopes: true },
      resolve: ({ isLimited, scopes }) => (isLimited ? (scopes as Permission[]) : null),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it works; null when that is until it is revoked.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null before the first time.',
    }),
  }),
})

export const Session = builder.prismaNode('Session', {
  description: 'A browser or client that is signed in. Only the person who is signed in there sees it.',
  id: { field: 'id', description: 'Opaque id.' },
  nullable: true,
  // Without the time: many ids are looked up by one statement only where all ask for the same.
  findUnique: (id, { viewer }) => ({ id, AND: [ownSessions(viewer)] }),
  select: { id: true, createdAt: true },
  fields: (t) => ({
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'How the browser or client called itself at sign-in; null when it did not.',
    }),
    current: t.boolean({
      description: 'Whether this request was made with it.',
      resolve: ({ id }, _args, { viewer }) => viewer?.sessionId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it began.' }),
    lastSeenAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When it was last seen, to the day: using a session extends it once a day.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends if it is not used.' }),
  }),
})

const AccessTokenConnection = defineConnection('AccessToken', AccessToken)
const SessionConnection = defineConnection('Session', Session)

const nullable = 'Null, with an error, by an access token.'

builder.objectFields(Viewer, (t) => ({
  accessTokens: t.field({
    ...rootList('Viewer.accessTokens', ({ db }) => db.accessToken, {
      type: AccessTokenConnection,
      list: accessTokenList,
      description: `The viewer's access tokens that are not revoked, newest first. ${nullable}`,
      allow: refuseToken,
      where: ({ viewer }) => ownAccessTokens(viewer),
    }),
    nullable: true,
  } as never),
  sessions: t.field({
    ...rootList('Viewer.sessions', ({ db }) => db.session, {
      type: SessionConnection,
      list: sessionList,
      description: `Where the viewer is signed in, newest first. ${nullable}`,
      allow: refuseToken,
      where: ({ viewer, clock }) => ({ ...ownSessions(viewer), expiresAt: { gt: clock.now() } }),
    }),
    nullable: true,
  } as never),
}))
