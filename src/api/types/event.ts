/** The timeline: what happened, what was tried, what was remarked. */

import { Field, ID, Int, ObjectType } from 'type-graphql'
import type { FeedEntry } from '../event-log'
import type { Moment } from '../moment'
import type { EventRow, FailedCallRow } from '../rows'
import { CallStatus, EventKind, EventSource, RegistryCall } from './enums'

@ObjectType({
  description: 'The signature that the registry accepted, and what it is over.',
  simpleResolvers: true,
})
export class EvidenceSignature {
  @Field(() => String, { nullable: true, description: 'As submitted; null without a call.' })
  algorithm!: string | null

  @Field(() => String, { nullable: true, description: 'DER AlgorithmIdentifier, base64.' })
  algorithmDer!: string | null

  @Field(() => String, { nullable: true, description: 'The signature, base64.' })
  value!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What was signed, base64: the TBSCertificate, or the SCALE CertificateAction.',
  })
  payload!: string | null

  @Field(() => String, { nullable: true, description: 'Nonce inside a signed action.' })
  nonce!: string | null

  @Field(() => ID, { nullable: true, description: 'The identity whose key made it.' })
  signedBy!: string | null
}

@ObjectType({ simpleResolvers: true })
export class RegistryEvent {
  @Field(() => ID, { description: '`<height>-<event index>`, so that text order is chain order.' })
  id!: string

  @Field(() => EventKind)
  kind!: EventKind

  @Field(() => EventSource)
  source!: EventSource

  @Field(() => Int)
  eventIndex!: number

  @Field(() => String, { description: 'Empty when no extrinsic is known (see `source`).' })
  extrinsicHash!: string

  @Field(() => Int, { description: '-1 when no extrinsic is known (see `source`).' })
  extrinsicIndex!: number

  @Field(() => String, {
    description: "Indexes of the nesting joined with `.`; empty for the extrinsic's own call.",
  })
  callPath!: string

  @Field(() => [String], { description: 'Names of the calls around it, outermost first.' })
  wrappers!: readonly string[]

  @Field(() => String, {
    nullable: true,
    description: 'Account that paid, 0x hex: not the identity.',
  })
  signer!: string | null

  @Field(() => String, { description: 'Serial of the certificate it is about.' })
  serial!: string

  @Field(() => ID, { nullable: true, description: 'The registry issuer concerned.' })
  issuerId!: string | null

  @Field(() => EvidenceSignature)
  signature!: EvidenceSignature

  @Field(() => String, {
    nullable: true,
    description: "Fee of the whole extrinsic in the token's smallest unit.",
  })
  fee!: string | null

  @Field(() => Boolean, {
    description:
      'Only in a subscription: it was announced before, and its block has left the chain since.',
  })
  removed!: boolean

  readonly row!: EventRow
  readonly moment!: Moment
  /** In a subscription: what it refers to, as it was when announced. */
  readonly announced?: FeedEntry
}

@ObjectType({ description: 'A call that changed nothing, and why.', simpleResolvers: true })
export class FailedCall {
  @Field(() => ID)
  id!: string

  @Field(() => RegistryCall)
  call!: RegistryCall

  @Field(() => CallStatus)
  status!: CallStatus

  @Field(() => String, {
    nullable: true,
    description:
      '`Pallet.Name`; null for calls that were reverted or never ran; `Unknown` (with status FAILED): how it ended cannot be told.',
  })
  error!: string | null

  @Field(() => String)
  extrinsicHash!: string

  @Field(() => Int)
  extrinsicIndex!: number

  @Field(() => String)
  callPath!: string

  @Field(() => [String])
  wrappers!: readonly string[]

  @Field(() => String, { nullable: true })
  signer!: string | null

  @Field(() => String, { nullable: true })
  fee!: string | null

  @Field(() => ID, {
    nullable: true,
    description: 'Identifier the call was about, registered or not; null when there is none.',
  })
  autoIdId!: string | null

  @Field(() => ID, { nullable: true, description: 'Issuer the call named.' })
  issuerId!: string | null

  @Field(() => String, { nullable: true })
  serial!: string | null

  @Field(() => String, { nullable: true, description: 'TBSCertificate it brought, base64.' })
  tbs!: string | null

  @Field(() => EvidenceSignature)
  signature!: EvidenceSignature

  @Field(() => Boolean, {
    description: 'Told by re-executing a rolled-back call, not by an event.',
  })
  derived!: boolean

  readonly row!: FailedCallRow
  readonly moment!: Moment
}

@ObjectType({
  description: '`System.remark_with_event`: content anchored in time.',
  simpleResolvers: true,
})
export class Remark {
  @Field(() => ID)
  id!: string

  @Field(() => String, { description: 'blake2b-256 of the remark.' })
  remarkHash!: string

  @Field(() => String, { nullable: true, description: 'The remark as 0x hex, up to 256 bytes.' })
  remark!: string | null

  @Field(() => String)
  sender!: string

  @Field(() => String)
  extrinsicHash!: string

  @Field(() => Int)
  extrinsicIndex!: number

  @Field(() => String)
  callPath!: string

  readonly block!: number
}

@ObjectType({ description: 'An extrinsic that could not be decoded.', simpleResolvers: true })
export class QuarantinedExtrinsic {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  extrinsicHash!: string

  @Field(() => Int)
  extrinsicIndex!: number

  @Field(() => String)
  reason!: string

  @Field(() => Int, { description: 'In bytes.' })
  length!: number

  readonly block!: number
}

@ObjectType({
  description: 'All that one extrinsic did or tried in the registry.',
  simpleResolvers: true,
})
export class Extrinsic {
  @Field(() => String)
  hash!: string

  @Field(() => Int)
  index!: number

  @Field(() => String, { nullable: true })
  signer!: string | null

  @Field(() => String, { nullable: true })
  fee!: string | null

  @Field(() => [RegistryEvent])
  events!: readonly RegistryEvent[]

  @Field(() => [FailedCall])
  failedCalls!: readonly FailedCall[]

  @Field(() => [Remark])
  remarks!: readonly Remark[]

  readonly blockHeight!: number
}
