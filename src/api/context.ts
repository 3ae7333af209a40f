/** What every resolver is given. */

import type { AssurancePolicy } from '../tokens/assurance'
import type { EventFeed } from './event-feed'
import type { HeadHub } from './head-hub'
import type { Limits } from './limits'
import type { OncePerHead } from './once-per-head'
import type { ProofSource } from './proofs'
import type { ChainRow } from './rows'
import type { Session } from './session'

/** A registry that this deployment follows, and the path its answers lie under. */
export type RegistryLink = { readonly name: string; readonly path: string }

export type ApiContext = {
  /** Of the operation; in a subscription, of the event being answered. */
  session: Session
  /** Of the session: aborted when the operation's time is over or its client gone. */
  over: AbortSignal
  readonly version: string
  /** Template with `{hash}`; null for none. */
  readonly nodeExplorerUrl: string | null
  /** Scores claims where a question brings no policy. */
  readonly assurancePolicy: AssurancePolicy
  readonly limits: Limits
  readonly hub: HeadHub
  readonly feed: EventFeed
  readonly oncePerHead: OncePerHead
  /** All of this deployment, the first one first. */
  readonly registries: readonly RegistryLink[]
  /** Which of them this is. */
  readonly registry: string
  /** Null where there is no node to ask. */
  readonly proofs: ProofSource | null
  /** Constant for an index; read once. */
  readonly chain: () => Promise<ChainRow>
  /**
   * Replaces `session` by one of the index as it is now.
   * @throws {GraphQLError} RATE_LIMITED when the client has no share left for another one
   */
  readonly renewSession: () => Promise<Session>
}
