import { EnvelopArmor } from '@escape.tech/graphql-armor'
import type { ValidationContext } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { RequestReason } from './request-error.ts'
import { RequestError } from './request-error.ts'

/** Limits of one document. GraphiQL's introspection has 200 tokens; `__schema` does not count as depth. */
export const LIMITS = { tokens: 5_000, depth: 12, aliases: 50, directives: 50 } as const

/**
 * Refuses documents that are too long, too deep or too repetitive, before they run. The cost of pages is counted
 * elsewhere (page-cost.ts), because graphql-armor does not see the values of variables.
 */
export function limitPlugins(): Plugin[] {
  const { tokens, depth, aliases, directives } = LIMITS
  const { plugins } = new EnvelopArmor({
    blockFieldSuggestion: { enabled: false },
    costLimit: { enabled: false },
    maxTokens: {
      n: tokens,
      onReject: [
        () => {
          throw refusal('TOO_MANY_TOKENS', `A document has at most ${tokens} tokens (names, braces, values).`)
        },
      ],
    },
    maxDepth: {
      n: depth,
      flattenFragments: true,
      propagateOnRejection: false,
      onReject: [report('QUERY_TOO_DEEP', TOO_DEEP)],
    },
    maxAliases: {
      n: aliases,
      // By default `__typename` under a thousand names would be free.
      allowList: [],
      propagateOnRejection: false,
      onReject: [report('TOO_MANY_ALIASES', `An operation has at most ${aliases} aliases.`)],
    },
    maxDirectives: {
      n: directives,
      propagateOnRejection: false,
      onReject: [report('TOO_MANY_DIRECTIVES', `An operation has at most ${directives} directives.`)],
    },
  }).protect()
  return [...(plugins as Plugin[]), refusesBottomless()]
}

/** The parser calls itself for each level: thousands of them may be more than the stack holds, before any limit is asked. */
function refusesBottomless(): Plugin {
  return {
    onParse: ({ parseFn, setParseFn }) =>
      setParseFn((source, options) => {
        try {
          return parseFn(source, options)
        } catch (error) {
          if (error instanceof RangeError) throw refusal('QUERY_TOO_DEEP', TOO_DEEP)
          throw error
        }
      }),
  }
}

const TOO_DEEP = `An operation nests at most ${LIMITS.depth} fields.`

const refusal = (reason: RequestReason, message: string) =>
  new RequestError(reason, message, { status: 400, spec: true })

function report(reason: RequestReason, message: string) {
  return (context: ValidationContext | null) => context?.reportError(refusal(reason, message))
}
