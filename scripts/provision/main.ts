import { randomUUID } from 'node:crypto'
import { type Api, type Item, type Operation, openApi, Refused } from './api.ts'
import { type Arguments, readArguments, USAGE, UsageError } from './arguments.ts'
import { type DesiredFile, readDesiredFile } from './file.ts'
import {
  ProvisionRunDocument,
  type ProvisionRunMutationVariables,
  ProvisionTargetDocument,
  ProvisionTemplateDocument,
} from './generated/operations.ts'
import { paintFor, planText, resultText } from './print.ts'
import { openProgress } from './progress.ts'

/** Where the command writes to: the process's own streams, or a test's. */
export interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

/**
 * Runs the command.
 *
 * @returns its exit code, as USAGE says
 */
export async function main(
  given: string[],
  env: Record<string, string | undefined>,
  streams: Streams,
): Promise<number> {
  const { stderr } = streams
  try {
    const asked = readArguments(given, env)
    return await provision(asked, await readDesiredFile(asked.file), env, streams)
  } catch (error) {
    if (error instanceof UsageError) stderr.write(`${error.message}\n\n${USAGE}\n`)
    else if (error instanceof Refused) stderr.write(`${error.message}\n`)
    else throw error
    return 1
  }
}

type Input = ProvisionRunMutationVariables['input']

async function provision(
  { apply, url, token, json }: Arguments,
  desired: DesiredFile,
  env: Record<string, string | undefined>,
  { stdout, stderr }: Streams,
): Promise<number> {
  const api = openApi(url, token)
  const input = await inputOf(api, desired)
  const planned = await run(api, { ...input, validateOnly: true })
  const plan = await api.items(planned.id)
  // With --json the plan is for those who watch.
  const out = json ? stderr : stdout
  out.write(`${planText(plan.operation, plan.items, paintFor(out, env))}\n`)
  const { create, update, refused } = plan.operation.plan
  const isNothing = create + update === 0
  if (!apply || isNothing) {
    if (json) stdout.write(`${JSON.stringify(plan, null, 2)}\n`)
    if (refused > 0) return 3
    return apply || isNothing ? 0 : 2
  }
  const begun = await run(api, { ...input, planId: planned.id, idempotencyKey: randomUUID() })
  const progress = openProgress(stderr)
  try {
    await api.follow(begun.id, progress.show)
  } finally {
    progress.stop()
  }
  const done = await api.items(begun.id)
  const moved = done.items.filter((item) => item.moved)
  if (moved.length > 0) out.write(`${movedText(moved)}\n`)
  out.write(`${resultText(done.operation, moved.length, paintFor(out, env))}\n`)
  if (json) stdout.write(`${JSON.stringify(done, null, 2)}\n`)
  return done.operation.state === 'SUCCEEDED' && done.operation.progress.failed === 0 ? 0 : 3
}

const movedText = (moved: readonly Item[]) =>
  moved
    .map(({ key, planned, action }) => `moved: ${key} was ${planned} in the plan, and is ${action}`)
    .join('\n')

async function inputOf(api: Api, { organization, template, mode, workspaces }: DesiredFile): Promise<Input> {
  const unseen = `There is no organization "${organization}" that you see: "organization" takes its slug.`
  const { organizationBySlug } = await api
    .send(ProvisionTargetDocument, { slug: organization })
    .catch((error: unknown) => {
      const isUnseen = error instanceof Refused && error.message.startsWith('NOT_FOUND')
      throw isUnseen ? new Refused(unseen) : error
    })
  if (!organizationBySlug) throw new Refused(unseen)
  const found = template
    ? await api.send(ProvisionTemplateDocument, { slug: organization, key: template })
    : null
  return {
    organizationId: organizationBySlug.id,
    workspaces,
    ...(mode ? { mode } : {}),
    ...(found?.workspaceByKey ? { templateWorkspaceId: found.workspaceByKey.id } : {}),
  }
}

/** @throws {Refused} with everything that the server has said */
async function run(api: Api, input: Input): Promise<Operation> {
  const { provisionWorkspaces: answer } = await api.send(ProvisionRunDocument, { input })
  if (answer && 'operation' in answer) return answer.operation
  const details = !answer
    ? []
    : 'issues' in answer
      ? answer.issues.map(({ path, message }) => `  ${path}: ${message}`)
      : 'moved' in answer
        ? answer.moved.map(({ key, planned, now }) => `  ${key}: planned ${planned}, now ${now}`)
        : []
  const message = answer && 'message' in answer ? answer.message : 'The server has refused this.'
  throw new Refused([message, ...details].join('\n'))
}
