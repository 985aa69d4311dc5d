import type { Service } from '../../src/service.ts'

/** One subscription over SSE, read message by message. */
export interface Subscription {
  status: number
  /** The next result; null when the stream is over. Heartbeats are passed over. */
  next(): Promise<{
    data: Record<string, unknown> | null
    errors?: { extensions: Record<string, unknown> }[]
  } | null>
  /** Goes away, as a client does. */
  leave(): Promise<void>
}

/** Subscribes in-process, as whoever the token stands for. */
export async function subscribeTo(
  service: Pick<Service, 'app'>,
  query: string,
  variables: Record<string, unknown>,
  token: string | null,
): Promise<Subscription> {
  const response = await service.app.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, ...readMessages(response) }
}

/** The messages of an event stream, one by one. */
export function readMessages(response: Response): Omit<Subscription, 'status'> {
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  return {
    next: async () => {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end >= 0) {
          const message = text.slice(0, end)
          text = text.slice(end + 2)
          if (message.startsWith('event: complete')) return null
          const [, data] = /^data: (.*)$/m.exec(message) ?? []
          if (message.startsWith('event: next') && data) return JSON.parse(data)
          continue
        }
        const part = await reader?.read()
        if (!part || part.done) return null
        text += decoder.decode(part.value, { stream: true })
      }
    },
    leave: async () => void (await reader?.cancel()),
  }
}
