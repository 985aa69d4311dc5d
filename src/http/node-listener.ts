import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { readNodeBody } from './body.ts'
import type { Incoming } from './exchange.ts'
import type { PlainAnswer } from './plain-answer.ts'

/** How long a client may go on sending a body that was refused before its connection is cut. */
const REFUSED_BODY_MS = 1_000

/** Answers of unknown length: they leave as they come, and wait for their reader. */
const STREAMED = /^(text\/event-stream|application\/jsonl)/
/** An answer that can be sent; `onSent` is to be called when it has left or can't leave any more. */
export type Answered =
  | { response: Response; onSent(): void }
  | { plain: PlainAnswer; headers: Record<string, string | string[]>; onSent(): void }

export interface ListenerOptions {
  maxBodyBytes: number
  /** Whether connections should be closed after their answer. */
  isDraining(): boolean
  answer(incoming: Incoming): Promise<Answered>
}

/** The app as a listener for a `node:http` server. */
export function createNodeListener(options: ListenerOptions): RequestListener {
  return (request, response) => {
    void handle(request, response, options)
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenerOptions,
): Promise<void> {
  const answered = await options.answer(new NodeIncoming(request, response, options.maxBodyBytes))
  const { onSent } = answered
  try {
    if ('plain' in answered) await sendPlain(answered.plain, answered.headers, response, options.isDraining())
    else {
      const how = { withBody: request.method !== 'HEAD', close: options.isDraining() }
      await send(answered.response, response, how)
    }
    if (!request.complete) discard(request)
  } catch {
    // The answer broke off in the middle: the client has to see that, so the connection goes too.
    response.destroy()
  } finally {
    onSent()
  }
}

class NodeIncoming implements Incoming {
  readonly method: string
  readonly target: string
  readonly remoteAddress: string | null
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #maxBodyBytes: number
  #body: Promise<Uint8Array | null> | undefined
  #signal: AbortSignal | undefined

  constructor(request: IncomingMessage, response: ServerResponse, maxBodyBytes: number) {
    this.method = request.method ?? 'GET'
    this.target = request.url ?? '/'
    this.remoteAddress = request.socket.remoteAddress ?? null
    this.#request = request
    this.#response = response
    this.#maxBodyBytes = maxBodyBytes
  }

  get headers(): Record<string, string> {
    return headersOf(this.#request)
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response)
    return this.#signal
  }

  header(name: string): string | null {
    const value = this.#request.headers[name]
    return (Array.isArray(value) ? value.join(', ') : value) ?? null
  }

  body(): Promise<Uint8Array | null> {
    this.#body ??= readNodeBody(this.#request, this.#maxBodyBytes)
    return this.#body
  }
}

/** Aborts when the client goes away before it has its answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const abort = new AbortController()
  const leave = () => {
    if (!response.writableFinished) abort.abort()
  }
  if (response.closed) leave()
  else response.once('close', leave)
  return abort.signal
}

/** One value per name; HTTP/1 joins repeated headers with a comma, which Node has done for all but cookies. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}

function sendPlain(
  { status, body }: PlainAnswer,
  headers: Record<string, string | string[]>,
  response: ServerResponse,
  close: boolean,
): Promise<void> {
  const bytes = Buffer.from(body)
  headers['content-length'] = String(bytes.length)
  if (close) headers.connection = 'close'
  response.writeHead(status, headers)
  return ended(response, bytes)
}

async function send(
  answer: Response,
  response: ServerResponse,
  options: { withBody: boolean; close: boolean },
): Promise<void> {
  answer.headers.forEach((value, name) => {
    if (name !== 'set-cookie') response.setHeader(name, value)
  })
  const cookies = answer.headers.getSetCookie()
  if (cookies.length) response.setHeader('set-cookie', cookies)
  if (options.close) response.setHeader('connection', 'close')
  response.statusCode = answer.status
  if (STREAMED.test(answer.headers.get('content-type') ?? '')) return stream(answer, response)
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 304 && answer.status !== 204) response.setHeader('content-length', body.length)
  await ended(response, options.withBody ? body : undefined)
}

async function stream(answer: Response, response: ServerResponse): Promise<void> {
  const reader = answer.body?.getReader()
  const cancel = () => reader?.cancel().catch(() => undefined)
  response.once('close', cancel)
  response.socket?.setNoDelay(true)
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    if (response.destroyed) return
    if (!response.write(part.value)) await drained(response)
  }
  await ended(response)
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

function ended(response: ServerResponse, body?: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve()
    response.once('close', resolve)
    response.end(body, () => resolve())
  })
}

/** Cutting a connection at once would lose the answer on its way, so the rest of the body is thrown away for a while. */
function discard(request: IncomingMessage): void {
  request.resume()
  const timer = setTimeout(() => request.destroy(), REFUSED_BODY_MS)
  timer.unref()
  request.once('end', () => clearTimeout(timer))
  request.once('close', () => clearTimeout(timer))
}
