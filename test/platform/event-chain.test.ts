import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/platform/event-chain.ts'

test('E2 an entry has the form of RFC 8785: sorted keys, the shortest escapes, no white space', () => {
  const entry = {
    b: [1.5, true, null, { z: 'ä', a: '' }],
    a: { '2': 'two', '10': 'ten', é: 1, Z: '"\\\n\u0007' },
  }
  expect(canonicalJson(entry)).toBe(
    String.raw`{"a":{"10":"ten","2":"two","Z":"\"\\\n\u0007","é":1},"b":[1.5,true,null,{"a":"","z":"ä"}]}`,
  )
})

test('E2 an entry holds what JSON.stringify keeps of it, and nothing else', () => {
  const time = new Date('2026-11-23T01:02:03.004Z')
  const entry = {
    none: undefined,
    act: () => 1,
    time,
    list: [undefined, Number.NaN, time],
    text: 'half \ud800',
  }
  expect(JSON.parse(canonicalJson(entry))).toEqual(JSON.parse(JSON.stringify(entry)))
  expect(canonicalJson({ none: undefined, a: 1 })).toBe('{"a":1}')
  expect(canonicalJson(undefined)).toBe('null')
})
