import type { IncomingMessage } from 'node:http'
import { RequestError } from './request-error.ts'

const tooLarge = (limit: number) =>
  new RequestError('BODY_TOO_LARGE', `The body of a request has at most ${limit} bytes.`, { status: 413 })

/**
 * The body of a Node request, in memory and never more of it than the limit, with or without a Content-Length.
 *
 * @throws {RequestError} BODY_TOO_LARGE
 */
export async function readNodeBody(request: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else {
        chunks.length = 0
        reject(tooLarge(limit))
      }
    })
    request.once('end', () => resolve(size ? Buffer.concat(chunks) : null))
    request.once('error', reject)
  })
}

/**
 * The body of a standard request, likewise.
 *
 * @throws {RequestError} BODY_TOO_LARGE
 */
export async function readStandardBody(request: Request, limit: number): Promise<Uint8Array | null> {
  if (!request.body) return null
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength
    if (size > limit) {
      await reader.cancel()
      throw tooLarge(limit)
    }
    chunks.push(part.value)
  }
  return size ? Buffer.concat(chunks) : null
}
