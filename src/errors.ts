/** Expected failures, one closed set of codes; edges map a code once to their protocol's own error. */

export type ErrorCode =
  /** An argument or a setting cannot be used as given. */
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  /** A moment past the indexed head or before the chain began. */
  | 'POINT_IN_TIME_OUT_OF_RANGE'
  | 'QUERY_TOO_COMPLEX'
  | 'RATE_LIMITED'
  /** Not answerable now: head too old, replica behind, database or node away. */
  | 'UNAVAILABLE'
  /** The node, the database or the chain is not what this index was made from. */
  | 'WRONG_CHAIN'
  /** The node's data contradicts itself (hashes, counts, proofs). */
  | 'INCONSISTENT_NODE'

export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>

/** A failure somebody can act on. The message names what is wrong and the fix; facts carry the values. */
export class AppError extends Error {
  override readonly name = 'AppError'

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly facts: ErrorFacts = {},
    options?: { cause?: unknown; retryable?: boolean },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.retryable = options?.retryable ?? code === 'UNAVAILABLE'
  }

  readonly retryable: boolean
}

/** Makes a switch over a closed union exhaustive at compile time. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`)
}
