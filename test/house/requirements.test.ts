import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const TESTS = fileURLToPath(new URL('..', import.meta.url))

/** The rows of requirements, and how many each letter has. */
const ROWS = { W: 16, O: 19, P: 13, M: 13, S: 5, T: 13, E: 5 }
/** Rows that no test carries yet, because what they ask for is not there. */
const OPEN: string[] = []

/** Lessons of rivals' users that are about people (members, invites, roles, tokens). */
const LESSONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]

const titles = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .flatMap((path) => readFileSync(join(TESTS, path), 'utf8').split('\n'))
  .filter((line) => /^\s*(test|describe)(\.each\(.*\))?\(|^\s*['"`]/.test(line))

test('every row of the requirements is carried by the title of a test', () => {
  const rows = Object.entries(ROWS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  )
  const missing = rows.filter((row) => !titles.some((title) => new RegExp(`\\b${row}\\b`).test(title)))
  expect(missing).toEqual(OPEN)
})

test('every lesson about people is carried by the title of a test', () => {
  const carried = titles
    .flatMap((title) => [...title.matchAll(/lessons? ([\d, and]+)/g)])
    .flatMap(([, numbers = '']) => numbers.match(/\d+/g) ?? [])
  expect(LESSONS.filter((lesson) => !carried.includes(String(lesson)))).toEqual([])
})
