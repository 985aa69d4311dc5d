import type { ProvisionedWorkspace } from '@atrium/client'
import Papa from 'papaparse'
import { parse, YAMLParseError } from 'yaml'

/** What a file wants of the workspaces of an organization. */
export interface Desired {
  workspaces: ProvisionedWorkspace[]
  mode?: 'ATOMIC' | 'BEST_EFFORT'
}

/** A sentence for whoever has pasted the text. */
export class Unreadable extends Error {}

/**
 * Reads YAML, JSON or CSV: a list of workspaces, or a document with one under `workspaces`. What each may have, the service
 * knows and says.
 *
 * @throws {Unreadable} when the text is none of these, or a workspace has no key
 */
export function readDesired(text: string): Desired {
  const content = looksLikeCsv(text) ? readCsv(text) : readYaml(text)
  const { workspaces, mode } = Array.isArray(content)
    ? { workspaces: content as unknown[], mode: undefined }
    : ((content ?? {}) as { workspaces?: unknown; mode?: unknown })
  if (!Array.isArray(workspaces) || workspaces.length === 0) {
    throw new Unreadable('There has to be a list of workspaces, perhaps under “workspaces”.')
  }
  for (const [index, one] of workspaces.entries()) {
    const hasKey = one && typeof one === 'object' && typeof (one as { key?: unknown }).key === 'string'
    if (!hasKey) throw new Unreadable(`Workspace ${index + 1} has no key.`)
  }
  return {
    workspaces: workspaces as ProvisionedWorkspace[],
    ...(mode === 'ATOMIC' || mode === 'BEST_EFFORT' ? { mode } : {}),
  }
}

/** JSON is YAML too. */
function readYaml(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof YAMLParseError) throw new Unreadable(error.message)
    throw error
  }
}

/** A first line that names a column `key` among others, and is no YAML. */
function looksLikeCsv(text: string): boolean {
  const first = text.trimStart().split('\n', 1)[0] ?? ''
  return /^["\w]+[,;\t]/.test(first) && /(^|[,;\t"])key([,;\t"\r]|$)/.test(first)
}

/** Columns: key, name, description, coordinate system, labels with bars between, members as `address=role` likewise. */
function readCsv(text: string): Record<string, unknown>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(text.trim(), {
    header: true,
    skipEmptyLines: true,
  })
  const [first] = errors
  if (first && first.code !== 'UndetectableDelimiter') {
    throw new Unreadable(`Line ${(first.row ?? 0) + 2}: ${first.message}`)
  }
  return data.map(({ labels, members, ...row }) => ({
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== '')),
    ...(labels ? { labels: split(labels) } : {}),
    ...(members ? { members: split(members).map(memberOf) } : {}),
  }))
}

const split = (text: string): string[] =>
  text
    .split('|')
    .map((part) => part.trim())
    .filter(Boolean)

function memberOf(text: string): { email: string; role: string } {
  const [email = '', role = 'viewer'] = text.split('=').map((part) => part.trim())
  return { email, role }
}
