import { expect, test } from 'vitest'
import { canonicalJson, digestOf } from '../../src/platform/event-chain.ts'

test('E2 an entry has the form of RFC 8785: sorted keys, the shortest escapes, no white space', () => {
  const entry = {
    b: [1.5, true, null, { z: 'ä', a: '' }],
    a: { '2': 'two', '10': 'ten', é: 1, Z: '"\\\n\u0007' },
  }
  expect(canonicalJson(entry)).toBe(
    String.raw`{"a":{"10":"ten","2":"two","Z":"\"\\\n\u0007","é":1},"b":[1.5,true,null,{"a":"","z":"ä"}]}`,
  )
})

/** The form by its definition: what JSON.stringify makes of the value, written again with its keys in order. */
function byDefinition(value: unknown): string {
  const text = JSON.stringify(value)
  return text === undefined ? 'null' : sorted(JSON.parse(text))
}

function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${sorted(item)}`).join(',')}}`
}

test('E2 an entry holds what JSON.stringify keeps of it, letter by letter', () => {
  const time = new Date('2026-11-23T01:02:03.004Z')
  const every = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code))
  const values = [
    undefined,
    { none: undefined, act: () => 1, mark: Symbol('x'), a: 1 },
    [undefined, Number.NaN, Number.POSITIVE_INFINITY, -0, 1e21, time],
    // biome-ignore lint/suspicious/noSparseArray: JSON has no holes
    [1, , 2],
    { time, never: { toJSON: () => undefined }, self: { toJSON: () => ({ b: 1, a: time }) } },
    ['half \ud800', '\udc00 half', 'whole \u{1f600}', { '\ud800': 1 }],
    every,
    Object.fromEntries(every.map((character, nth) => [character, nth])),
    JSON.parse('{"__proto__": {"b": 1, "a": 2}, "10": 1, "9": 2, "": 3}'),
  ]
  for (const value of values) expect(canonicalJson(value)).toBe(byDefinition(value))
})

test('E2 a digest stays what it was when the entry was written', () => {
  const entry = {
    id: '01a2064b-341e-7496-b338-2c97cf39de4d',
    organizationId: '01a2064a-c980-75a4-a145-174d9e30bed2',
    workspaceId: null,
    type: 'member.added',
    actorId: '01a2064a-c7b4-74dc-b7ff-802e32528037',
    subject: { type: 'Member', id: '01a2064b-341e-7496-b338-2c97cf39de4e' },
    changes: { role: { before: undefined, after: 'MEMBER' }, name: { before: 'Zoë \ud800', after: null } },
    requestId: 'a "request"',
  }
  expect(digestOf(entry)).toBe('a4d4e4598b92209d231d17626f090e7f309705f34615c58130d4a635a5fbf389')
})
