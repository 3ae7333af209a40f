/** What a document may ask, before anything is read: shape by graphql-armor, price by page sizes. */

import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor'
import {
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  GraphQLError,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isLeafType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'
import { type ComplexityEstimatorArgs, getComplexity } from 'graphql-query-complexity'
import type { Plugin } from 'graphql-yoga'
import { AppError } from '../../errors'
import { toGraphQLError } from '../errors'
import { ASSUMED_LIST, type Limits } from '../limits'
import { nestingPlugin } from './nesting'
import type { PayingContext } from './session'

const MAX_DIRECTIVES = 50

/** Seconds to wait when who asks has asked for too much; null: go on. `context` is the server's, with its request. */
export type ChargePrice = (context: unknown, price: number) => number | null

export function limitPlugins(
  limits: Limits,
  observeComplexity: (price: number) => void,
  charge: ChargePrice = () => null,
): Plugin[] {
  // Reported like the errors of other rules: thrown, they would leave without a code.
  const report = {
    propagateOnRejection: false,
    onReject: [
      (context: ValidationContext | null, error: GraphQLError) => context?.reportError(error),
    ],
  }
  const armor = EnvelopArmorPlugin({
    maxTokens: {
      n: limits.maxTokens,
      onReject: [
        (_, error) => {
          error.extensions['code'] = 'QUERY_TOO_COMPLEX'
        },
      ],
    },
    maxDepth: { n: limits.maxDepth, flattenFragments: true, ...report },
    maxAliases: { n: limits.maxAliases, allowList: [], ...report },
    maxDirectives: { n: MAX_DIRECTIVES, ...report },
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: false },
  }) as Plugin
  return [armor, nestingPlugin(limits), pricePlugin(limits, observeComplexity, charge)]
}

function pricePlugin(
  limits: Limits,
  observe: (price: number) => void,
  charge: ChargePrice,
): Plugin {
  const assertPrice = (args: PricedArgs): GraphQLError | null => {
    const price = getComplexity({
      schema: args.schema,
      query: args.document,
      variables: { ...args.variableValues },
      ...(args.operationName == null ? {} : { operationName: args.operationName }),
      estimators: [(field) => estimate(field, limits)],
    })
    observe(price)
    const problem =
      price > limits.maxComplexity ? tooComplex(price, limits.maxComplexity) : tooWide(args, limits)
    if (problem !== null) return toGraphQLError(problem)
    const seconds = charge(args.contextValue, price)
    if (seconds !== null) return rateLimited(seconds)
    const payAgain = () => charge(args.contextValue, price)
    ;(args.contextValue as PayingContext).payForView = payForViews(payAgain)
    return null
  }
  const stop = ({ args, setResultAndStopExecution }: Stoppable) => {
    const problem = priceProblem(args, () => assertPrice(args))
    if (problem !== null) setResultAndStopExecution({ errors: [problem] })
  }
  return { onExecute: stop as never, onSubscribe: stop as never }
}

/** The first view is paid with the operation. A query has no other; a subscription one with each move of the index. */
function payForViews(payAgain: () => number | null): () => void {
  let isPaid = true
  return () => {
    const seconds = isPaid ? null : payAgain()
    isPaid = false
    if (seconds !== null) throw rateLimited(seconds)
  }
}

type PricedArgs = Pick<
  ExecutionArgs,
  'schema' | 'document' | 'variableValues' | 'operationName' | 'contextValue'
>
type Stoppable = {
  readonly args: PricedArgs
  readonly setResultAndStopExecution: (result: { errors: unknown[] }) => void
}

/** What has no price does not run: neither more fields than are walked through, nor an argument that is null and may not be. */
function priceProblem(args: PricedArgs, price: () => GraphQLError | null): GraphQLError | null {
  try {
    return price()
  } catch (error) {
    if (isRefusedByExecution(args)) return null
    const { message, nodes } = error as Partial<GraphQLError>
    const isOfAnArgument = error instanceof GraphQLError && nodes !== undefined
    const code = isOfAnArgument ? 'BAD_USER_INPUT' : 'QUERY_TOO_COMPLEX'
    return toGraphQLError(new AppError(code, `the query has no price: ${message}`))
  }
}

/** No such operation, or variables that do not fit their types: execution says which, and runs nothing. */
function isRefusedByExecution(args: PricedArgs): boolean {
  const operation = getOperationAST(args.document, args.operationName)
  if (operation == null) return true
  const defined = operation.variableDefinitions ?? []
  return getVariableValues(args.schema, defined, { ...args.variableValues }).errors !== undefined
}

function rateLimited(seconds: number): GraphQLError {
  return new GraphQLError(`too much asked by one client: ask again in ${seconds} s`, {
    extensions: {
      code: 'RATE_LIMITED',
      retryAfter: seconds,
      retryable: true,
      http: { status: 429, headers: { 'retry-after': String(seconds) } },
    },
  })
}

function tooComplex(price: number, maxComplexity: number): AppError {
  return new AppError(
    'QUERY_TOO_COMPLEX',
    `the query costs ${price}, more than ${maxComplexity}: ask for smaller pages or fewer fields`,
    { price, maxComplexity },
  )
}

function tooWide({ document }: PricedArgs, { maxRootFields }: Limits): AppError | null {
  const fields = countRootFields(document)
  if (fields <= maxRootFields) return null
  return new AppError('QUERY_TOO_COMPLEX', `more than ${maxRootFields} fields at the top`, {
    fields,
    maxRootFields,
  })
}

/** Of the widest operation, those in fragments included; each fragment is walked once, however often it is spread. */
function countRootFields({ definitions }: DocumentNode): number {
  const fragments = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ) as [string, FragmentDefinitionNode][],
  )
  const counts = new Map<string, number>()
  const count = ({ selections }: SelectionSetNode): number =>
    selections.reduce((sum, selection) => sum + countOf(selection), 0)
  const countOf = (selection: SelectionNode): number => {
    if (selection.kind === Kind.FIELD) return 1
    if (selection.kind === Kind.INLINE_FRAGMENT) return count(selection.selectionSet)
    const name = selection.name.value
    const fragment = fragments.get(name)
    if (fragment === undefined) return 0
    const known = counts.get(name) ?? count(fragment.selectionSet)
    counts.set(name, known)
    return known
  }
  const widths = definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? count(definition.selectionSet) : 0,
  )
  return Math.max(...widths)
}

/** What a field says it costs, and its selection; else leaves are free, an object costs one, a page its size times what each node costs. */
function estimate(
  { field, args, childComplexity }: ComplexityEstimatorArgs,
  limits: Limits,
): number {
  const type = getNamedType(field.type)
  const own = field.extensions['complexity']
  if (typeof own === 'number') return own + childComplexity
  if (typeof own === 'function') return own({ args, childComplexity })
  if (isLeafType(type)) return 0
  if (type.name.endsWith('Connection')) {
    const size = args['first'] ?? args['last'] ?? limits.defaultPageSize
    return 1 + Math.max(1, Number(size)) * childComplexity
  }
  // Edges and nodes are priced by their connection.
  const isPagePart = field.name === 'edges' || field.name === 'nodes'
  const isList = String(field.type).includes('[') && !isPagePart
  const length = typeof args['first'] === 'number' ? Math.max(1, args['first']) : ASSUMED_LIST
  return (isList ? length : 1) * (1 + childComplexity)
}
