import { type GraphQLSchema, parse, subscribe } from 'graphql'
import { beforeAll, describe, expect, test } from 'vitest'
import { hasAccess, isPublic, workspace } from '../../src/access/rules.ts'
import { removeMember } from '../../src/domains/member/remove-member.ts'
import { forbidden } from '../../src/platform/refusal.ts'
import { useTestApp } from '../kit/app.ts'
import { createPlace, type Place } from '../kit/place.ts'
import { contextOf, gate, guarded, type Resolvers, shield, shielded, small } from '../kit/small-schema.ts'
import { createWorld } from '../kit/world.ts'

const app = useTestApp()
let place: Place

beforeAll(async () => {
  place = await createPlace(app.current, createWorld(app.current))
})

const nobody = { readViewer: async () => null }

const listen = (made: GraphQLSchema, contextValue: object = nobody) =>
  subscribe({ schema: made, document: parse('subscription { events }'), contextValue })

type Stream = Exclude<Awaited<ReturnType<typeof listen>>, { errors?: unknown }>

async function streamOf(made: GraphQLSchema, contextValue: object = nobody): Promise<Stream> {
  const stream = await listen(made, contextValue)
  if (!(Symbol.asyncIterator in stream)) throw new Error(`It was refused: ${JSON.stringify(stream)}`)
  return stream
}

/** The next event, or the codes of its errors. */
async function nextOf(stream: Stream): Promise<unknown> {
  const { value } = await stream.next()
  if (!value) throw new Error('The stream has ended')
  if (!value.errors) return { ...value.data }
  return value.errors.map(
    ({ message, originalError }) => (originalError as { code?: string } | undefined)?.code ?? message,
  )
}

describe('a subscription (lesson 21)', () => {
  const sdl = 'type Query { a: Int } type Subscription { events: Int }'
  /** Pothos gives every subscription field a `resolve` too; others do without. */
  const streaming = (resolve?: (root: { events: number }) => number) => {
    const started: string[] = []
    async function* source() {
      started.push('subscribed')
      yield { events: 1 }
      yield { events: 2 }
      yield { events: 3 }
    }
    return {
      started,
      made: small(sdl, {
        Subscription: { events: { subscribe: source, ...(resolve ? { resolve } : {}) } },
      } as Resolvers),
    }
  }
  test('is started by plain shield although it is denied', async () => {
    const { started, made } = streaming(({ events }) => events)
    const fallen = await streamOf(shielded(made, { Subscription: { events: shield.deny } }))
    expect(await nextOf(fallen)).toEqual(['Not Authorised!'])
    expect(started).toEqual(['subscribed'])
  })

  test('is never asked about again by plain shield where the field has no resolver of its own', async () => {
    let asked = 0
    const once = shield.rule({ cache: 'no_cache' })(() => ++asked === 1)
    const fallen = await streamOf(shielded(streaming().made, { Subscription: { events: once } }))
    expect(await nextOf(fallen)).toEqual({ events: 1 })
    expect(await nextOf(fallen)).toEqual({ events: 2 })
    expect(asked).toBe(1)
  })

  test('is refused by the guard before it starts', async () => {
    for (const resolve of [undefined, ({ events }: { events: number }) => events]) {
      const { started, made } = streaming(resolve)
      const never = gate('never', () => {
        throw forbidden('workspace:read')
      })
      const ours = guarded(made, { 'Query.a': isPublic, 'Subscription.events': never })
      expect(await listen(ours)).toMatchObject({ errors: [{ originalError: { code: 'FORBIDDEN' } }] })
      expect(started).toEqual([])
    }
  })

  test('is asked about again by the guard for every event, and ends with the first refusal', async () => {
    for (const resolve of [undefined, ({ events }: { events: number }) => events]) {
      let asked = 0
      const odd = gate('odd', () => {
        asked++
        if (asked === 3) throw forbidden('workspace:read')
      })
      const ours = guarded(streaming(resolve).made, { 'Query.a': isPublic, 'Subscription.events': odd })
      const stream = await streamOf(ours)
      expect(await nextOf(stream)).toEqual({ events: 1 })
      expect(await nextOf(stream)).toEqual(['FORBIDDEN'])
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }
  })

  test('rule 5: ends for a member who is removed while it runs, with the next event', async () => {
    const { tenant, workspace: at, grantee } = place
    const ours = guarded(streaming(({ events }) => events).made, {
      'Query.a': isPublic,
      'Subscription.events': gate('read', (_args, context, info) =>
        hasAccess('READ', workspace('id')).check({ id: at.id }, context, info),
      ),
    })
    const stream = await streamOf(ours, await contextOf(app.current, grantee))
    expect(await nextOf(stream)).toEqual({ events: 1 })
    await removeMember(await tenant.owner.caller(), {
      scope: { kind: 'Workspace', id: at.workspaceId },
      userId: grantee.userId,
    })
    expect(await nextOf(stream)).toEqual(['NOT_FOUND'])
    await tenant.grant(grantee, { kind: 'Workspace', id: at.workspaceId }, 'READ')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})
