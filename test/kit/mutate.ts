import type { Answer, TestApp } from './app.ts'

export interface Mutated {
  /** The type of the result, or the code of the error. */
  kind: string
  /** The result's fields; null when there is an error. */
  result: Record<string, unknown> | null
  errors: Answer<unknown>['errors']
}

/**
 * Sends one mutation of the common form.
 *
 * @param fields what to select of the payload
 * @param ofError what to select of an error of the type that it names, such as `InviteUnavailable { reason }`
 */
export async function mutate(
  app: Pick<TestApp, 'run'>,
  token: string | null,
  name: string,
  input: Record<string, unknown>,
  fields = '__typename',
  ofError = '',
): Promise<Mutated> {
  const Name = `${name[0]?.toUpperCase()}${name.slice(1)}`
  const document = `mutation ($input: ${Name}Input!) {
    result: ${name}(input: $input) {
      __typename
      ... on ${Name}Payload { ${fields} }
      ... on Error { message }
      ... on ValidationError { issues { path message } }
      ${ofError && `... on ${ofError}`}
    }
  }`
  const { data, errors } = await app.run<{ result: Record<string, unknown> | null } | null>(
    document,
    { input },
    token,
  )
  const result = data?.result ?? null
  return { kind: errors?.[0]?.extensions.code ?? String(result?.__typename), result, errors }
}
