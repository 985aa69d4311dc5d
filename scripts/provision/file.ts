import { readFile } from 'node:fs/promises'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { UsageError } from './arguments.ts'
import type { ProvisionedWorkspace } from './generated/operations.ts'

/** The file only says which workspaces there are; what each may have, the server knows and says. */
const form = z.strictObject({
  organization: z.string('Name the organization by its slug.').min(1),
  template: z.string().min(1).optional(),
  mode: z.enum(['ATOMIC', 'BEST_EFFORT']).optional(),
  workspaces: z
    .array(z.looseObject({ key: z.string('Each workspace has a key.') }))
    .min(1, 'Name at least one workspace.'),
})

export type DesiredFile = Omit<z.output<typeof form>, 'workspaces'> & { workspaces: ProvisionedWorkspace[] }

/**
 * Reads the desired state from a file; JSON is YAML too.
 *
 * @throws {UsageError} one sentence for each thing that is wrong
 */
export async function readDesiredFile(path: string): Promise<DesiredFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The file ${path} can't be read: ${error.code ?? error.message}.`)
  })
  let content: unknown
  try {
    content = parse(text)
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new UsageError(`The file ${path} can't be read: ${error.message}`)
    throw error
  }
  const { success, data, error } = form.safeParse(content)
  if (success) return data as DesiredFile
  const issues = error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`)
  throw new UsageError(issues.join('\n'))
}
