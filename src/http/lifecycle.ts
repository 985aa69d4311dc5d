import type { Metrics } from '../platform/metrics.ts'

/** What is going on in an app, so that it can be ended without cutting anything off. */
export interface Lifecycle {
  readonly draining: boolean
  /** Counts one request; call what it returns when its answer is complete. */
  enter(): () => void
  /** Counts an event stream and makes it end with the app. */
  track(response: Response, onEnd: () => void): Response
  /** Ends event streams and waits until no request is open. */
  drain(): Promise<void>
}

/** Begins the life of one app. */
export function createLifecycle(metrics: Metrics): Lifecycle {
  const streams = new Set<() => void>()
  const waiters = new Set<() => void>()
  let open = 0
  let draining = false

  const leave = () => {
    open--
    metrics.httpInFlight.dec()
    if (open > 0) return
    for (const resolve of waiters) resolve()
    waiters.clear()
  }

  return {
    get draining() {
      return draining
    },
    enter() {
      open++
      metrics.httpInFlight.inc()
      let entered = true
      return () => {
        if (entered) leave()
        entered = false
      }
    },
    track(response, onEnd) {
      metrics.openStreams.inc()
      const stream = endable(response, () => {
        streams.delete(stream.end)
        metrics.openStreams.dec()
        onEnd()
      })
      streams.add(stream.end)
      if (draining) stream.end()
      return stream.response
    },
    async drain() {
      draining = true
      for (const end of streams) end()
      if (open > 0) await new Promise<void>((resolve) => waiters.add(resolve))
    },
  }
}

/**
 * The response with a body that can be ended from here. It ends without a "complete" event on purpose: a client then
 * knows that it was cut off and subscribes again, to the next process.
 */
function endable(response: Response, onEnd: () => void): { response: Response; end: () => void } {
  const reader = response.body?.getReader()
  let ended = false
  let close = () => {}
  const finish = () => {
    if (ended) return
    ended = true
    onEnd()
  }
  const stop = () => {
    finish()
    // Not awaited: a source that waits for its next event would hold us up.
    reader?.cancel().catch(() => undefined)
  }
  const end = () => {
    if (ended) return
    stop()
    close()
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      close = () => controller.close()
    },
    async pull(controller) {
      try {
        const part = await reader?.read()
        if (ended) return
        if (part && !part.done) return controller.enqueue(part.value)
        finish()
        controller.close()
      } catch (error) {
        if (ended) return
        finish()
        controller.error(error)
      }
    },
    cancel: stop,
  })
  return { response: new Response(body, { status: response.status, headers: headersOf(response) }), end }
}

/** As a plain list: the response may come from another implementation of fetch. */
function headersOf(response: Response): [string, string][] {
  const list: [string, string][] = []
  response.headers.forEach((value, name) => {
    if (name !== 'set-cookie') list.push([name, value])
  })
  return [...list, ...response.headers.getSetCookie().map((value): [string, string] => ['set-cookie', value])]
}
