import { createHash } from 'node:crypto'
import { z } from 'zod'

/** A machine-readable name, unique in its organization and never changed (W3). */
export const workspaceKeyField = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{1,47}$/,
    'A key has 2 to 48 characters: lower-case letters, digits and hyphens, and begins with a letter.',
  )

const LONGEST_KEY = 48

/**
 * A name in the letters of a key or slug: `Straße Nº 7` becomes `strasse-no-7`.
 *
 * @param fallback what a name becomes that has no such letters at all
 */
export function slugify(name: string, fallback: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, LONGEST_KEY)
    .replace(/-+$/, '')
  return letters.length >= 2 ? letters : fallback
}

/** The nth choice of a key or slug: `web`, `web-2`, `web-3`, then with random letters, so that it ends soon. */
export function alternative(base: string, attempt: number): string {
  if (attempt === 1) return base
  const suffix = attempt <= 20 ? `-${attempt}` : `-${Math.random().toString(36).slice(2, 8)}`
  return base.slice(0, LONGEST_KEY - suffix.length).replace(/-+$/, '') + suffix
}

const LONGEST_IDENTIFIER = 63

/**
 * The name of the workspace's database elsewhere (W3): `<slug>__<key>` with underscores, which is no SQL keyword and
 * needs no quotes. A longer one than PostgreSQL allows ends in a hash of the whole.
 *
 * @param attempt the second and later ones end in a hash too, for the rare case that a former organization of this slug
 *   has left the name behind
 */
export function databaseName(organizationSlug: string, key: string, attempt: number): string {
  const plain = `${organizationSlug}__${key}`.replaceAll('-', '_')
  if (plain.length <= LONGEST_IDENTIFIER && attempt === 1) return plain
  const hash = createHash('sha256').update(`${organizationSlug}/${key}/${attempt}`).digest('hex').slice(0, 12)
  return `${plain.slice(0, LONGEST_IDENTIFIER - 13)}_${hash}`
}
