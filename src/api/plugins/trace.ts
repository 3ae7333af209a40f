/** Each query as a span, so that its SQL stands below it. */

import { getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'

export type TraceOperation = <T>(
  name: string,
  attributes: Readonly<Record<string, string>>,
  work: () => T,
) => T

/** Without the document and its variables: names are enough to find it. */
export function tracePlugin(trace: TraceOperation): Plugin {
  return {
    onExecute: ({ args, executeFn, setExecuteFn }) => {
      const { document, operationName } = args
      const operation = getOperationAST(document, operationName)
      const type = operation?.operation ?? 'query'
      const name = (operation?.name?.value ?? '').slice(0, 100)
      const facts = { 'graphql.operation.type': type, 'graphql.operation.name': name }
      setExecuteFn((...given: Parameters<typeof executeFn>) =>
        trace(`GraphQL ${type}`, facts, () => executeFn(...given)),
      )
    },
  }
}
