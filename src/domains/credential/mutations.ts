import { isInPerson } from '../../access/rules.ts'
import { encodeId, idOf } from '../../graphql/ids.ts'
import { defineMutation } from '../../graphql/mutation.ts'
import { payloadRow } from '../../graphql/payload-row.ts'
import { appendCookies } from '../identity/mutations.ts'
import { PermissionEnum } from '../role/types.ts'
import { createAccessToken } from './create-access-token.ts'
import { revokeAccessToken } from './revoke-access-token.ts'
import { revokeOtherSessions } from './revoke-other-sessions.ts'
import { revokeSession } from './revoke-session.ts'
import { AccessToken } from './types.ts'

const notByToken = 'Not by an access token.'

defineMutation({
  name: 'createAccessToken',
  description: `Makes a personal access token: send its secret as "Authorization: Bearer <secret>". It acts as the viewer, and never may more than the viewer does at that moment. With it nobody makes or revokes tokens and sessions, nor changes the account. ${notByToken}`,
  gate: isInPerson,
  input: (t) => ({
    name: t.string({ required: true, description: 'What it is for: 1 to 120 characters.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it works, in the future; absent, until it is revoked.',
    }),
    scopes: t.field({
      type: [PermissionEnum],
      description:
        'All that can be done with it: nothing of a workspace is seen without `WORKSPACE_READ`, nothing of an organization without `ORGANIZATION_READ`. With scopes it reaches where the viewer is a member, also for a platform administrator. Absent: everything that the viewer may do.',
    }),
  }),
  errors: [],
  resolve: (context, input) => createAccessToken(context, input),
  payload: {
    description: 'The new token.',
    fields: (t) => ({
      accessToken: t.field({
        type: AccessToken,
        description: 'The token, without its secret.',
        resolve: ({ accessTokenId }, _args, context, info) =>
          payloadRow(context, info, 'AccessToken', accessTokenId),
      }),
      secret: t.exposeString('secret', {
        description: 'What a program signs in with. Shown this once: only its hash is kept.',
      }),
    }),
  },
})

defineMutation({
  name: 'revokeAccessToken',
  description: `Revokes an access token of the viewer: its next request is refused. ${notByToken}`,
  gate: isInPerson,
  input: (t) => ({ id: t.id({ required: true, description: 'An access token of the viewer.' }) }),
  errors: [],
  resolve: (context, { id }) => revokeAccessToken(context, { id: idOf(id, 'AccessToken') }),
  payload: {
    description: 'The token is gone.',
    fields: (t) => ({
      revokedAccessTokenId: t.id({
        description: 'Its id.',
        resolve: ({ revokedAccessTokenId }) => encodeId('AccessToken', revokedAccessTokenId),
      }),
    }),
  },
})

defineMutation({
  name: 'revokeSession',
  description: `Ends a session of the viewer: its next request is refused. To end the own one is to sign out. ${notByToken}`,
  gate: isInPerson,
  input: (t) => ({ id: t.id({ required: true, description: 'A session of the viewer.' }) }),
  errors: [],
  resolve: async (context, { id }) => {
    const own = context.viewer?.sessionId
    const revoked = await revokeSession(context, { id: idOf(id, 'Session') })
    if (revoked.revokedSessionId === own) {
      context.viewer = null
      appendCookies(context, await context.auth.cookiesForSignOut())
    }
    return revoked
  },
  payload: {
    description: 'The session has ended.',
    fields: (t) => ({
      revokedSessionId: t.id({
        description: 'Its id.',
        resolve: ({ revokedSessionId }) => encodeId('Session', revokedSessionId),
      }),
    }),
  },
})

defineMutation({
  name: 'revokeOtherSessions',
  description: `Ends all sessions of the viewer but the one of this request. Access tokens go on. ${notByToken}`,
  gate: isInPerson,
  errors: [],
  resolve: (context) => revokeOtherSessions(context),
  payload: {
    description: 'The other sessions have ended.',
    fields: (t) => ({
      revokedSessionIds: t.idList({
        description: 'Their ids; empty when there was none.',
        resolve: ({ revokedSessionIds }) => revokedSessionIds.map((id) => encodeId('Session', id)),
      }),
    }),
  },
})
