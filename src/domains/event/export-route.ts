import type { Viewer } from '../../access/viewer.ts'
import { CodedError, type ReadErrorCode } from '../../platform/refusal.ts'
import type { Services } from '../../platform/services.ts'
import { exportLog } from './export-log.ts'

const STATUS: Record<ReadErrorCode, number> = {
  UNAUTHENTICATED: 401,
  ACCOUNT_NOT_VERIFIED: 403,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  RATE_LIMITED: 429,
}

/**
 * Answers `GET /organizations/<id>/audit.jsonl` (E2), as a stream that waits for its reader.
 *
 * @param viewerOf who sends this request, as of now
 * @returns null for any other address
 */
export function createExportRoute(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  viewerOf: (request: Request) => Promise<Viewer | null>,
) {
  return async (request: Request): Promise<Response | null> => {
    const { pathname } = new URL(request.url)
    const [, organization] = /^\/organizations\/([\w-]{1,200})\/audit\.jsonl$/.exec(pathname) ?? []
    if (!organization) return null
    if (request.method !== 'GET')
      return refusal(405, 'This address is read with GET.', 'BAD_USER_INPUT', { allow: 'GET' })
    try {
      const now = clock.now()
      const lines = await exportLog({ db, organization, now, viewer: () => viewerOf(request) })
      const name = `audit-${now.toISOString().slice(0, 10)}.jsonl`
      return new Response(streamOf(lines), {
        headers: {
          'content-type': 'application/jsonl; charset=utf-8',
          'content-disposition': `attachment; filename="${name}"`,
          'cache-control': 'no-store',
        },
      })
    } catch (error) {
      if (error instanceof CodedError) return refusal(STATUS[error.code], error.message, error.code)
      throw error
    }
  }
}

function refusal(
  status: number,
  message: string,
  code: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify({ errors: [{ message, extensions: { code } }] }), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}

function streamOf(lines: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const step = await iterator.next()
      if (step.done) controller.close()
      else controller.enqueue(encoder.encode(step.value))
    },
    cancel: async () => void (await iterator.return?.()),
  })
}
