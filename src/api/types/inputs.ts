/** Arguments. All fields of a filter are joined with AND. */

import { Field, ID, InputType, Int } from 'type-graphql'
import { DateTime } from '../scalars'
import {
  AutoIdKind,
  AutoIdStatus,
  CallStatus,
  EventKind,
  EventSource,
  FindingCode,
  RegistryCall,
  Severity,
} from './enums'

@InputType({ description: 'Exactly one of both. Absent: the index head and the wall clock.' })
export class PointInTime {
  @Field(() => Int, {
    nullable: true,
    description: "State after this block; the clock is the block's own time.",
  })
  block?: number | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'State of the last block not later; the clock is this time.',
  })
  time?: Date | null
}

@InputType({ description: '`issuer` and `issuerId` are the same; exactly one of them is needed.' })
export class IssuerSerial {
  @Field(() => ID, { nullable: true })
  issuer?: string | null

  @Field(() => ID, { nullable: true })
  issuerId?: string | null

  @Field(() => String, { description: '0x hex, or a decimal number.' })
  serial!: string
}

@InputType()
export class CertificateRef {
  @Field(() => ID, { nullable: true, description: 'The certificate in force of this identity.' })
  autoId?: string | null

  @Field(() => String, { nullable: true, description: 'SHA-256 of the DER, or of the TBS.' })
  fingerprint?: string | null

  @Field(() => String, { nullable: true, description: 'One certificate or a chain, leaf first.' })
  pem?: string | null

  @Field(() => IssuerSerial, { nullable: true })
  issuerSerial?: IssuerSerial | null
}

@InputType()
export class AutoIdFilter {
  @Field(() => AutoIdStatus, { nullable: true })
  status?: AutoIdStatus | null

  @Field(() => AutoIdKind, { nullable: true })
  kind?: AutoIdKind | null

  @Field(() => [ID], { nullable: true, description: 'At most 1000.' })
  ids?: string[] | null

  @Field(() => ID, { nullable: true })
  issuerId?: string | null

  @Field(() => String, { nullable: true })
  commonName?: string | null

  @Field(() => String, { nullable: true, description: 'Regardless of case.' })
  commonNameContains?: string | null

  @Field(() => String, { nullable: true })
  publicKeySha256?: string | null

  @Field(() => String, { nullable: true, description: 'Serial of the certificate in force.' })
  serial?: string | null

  @Field(() => DateTime, { nullable: true })
  expiresBefore?: Date | null

  @Field(() => DateTime, { nullable: true })
  expiresAfter?: Date | null

  @Field(() => Int, { nullable: true, description: 'Changed in this block or later.' })
  changedSinceBlock?: number | null

  @Field(() => FindingCode, { nullable: true })
  finding?: string | null

  @Field(() => Severity, { nullable: true, description: 'Has a finding of this severity.' })
  findingSeverity?: Severity | null
}

@InputType()
export class CertificateFilter {
  @Field(() => ID, { nullable: true })
  autoId?: string | null

  @Field(() => ID, { nullable: true, description: 'The registry issuer.' })
  issuerId?: string | null

  @Field(() => String, { nullable: true })
  serial?: string | null

  @Field(() => String, { nullable: true })
  publicKeySha256?: string | null

  @Field(() => String, { nullable: true })
  publicKeyAlgorithm?: string | null

  @Field(() => String, { nullable: true })
  signatureAlgorithm?: string | null

  @Field(() => Boolean, { nullable: true, description: 'In force at the head.' })
  inForce?: boolean | null

  @Field(() => Boolean, { nullable: true, description: "Its serial stands in its issuer's list." })
  revoked?: boolean | null

  @Field(() => DateTime, { nullable: true })
  expiresBefore?: Date | null

  @Field(() => DateTime, { nullable: true })
  expiresAfter?: Date | null

  @Field(() => Int, { nullable: true })
  fromBlock?: number | null

  @Field(() => Int, { nullable: true })
  toBlock?: number | null
}

@InputType()
export class EventFilter {
  @Field(() => EventKind, { nullable: true })
  kind?: EventKind | null

  @Field(() => ID, { nullable: true })
  autoId?: string | null

  @Field(() => ID, { nullable: true, description: 'The registry issuer concerned.' })
  issuerId?: string | null

  @Field(() => String, { nullable: true, description: 'Account as 0x hex or SS58.' })
  signer?: string | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  fromBlock?: number | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  toBlock?: number | null

  @Field(() => DateTime, { nullable: true, description: 'Inclusive.' })
  fromTime?: Date | null

  @Field(() => DateTime, { nullable: true, description: 'Exclusive.' })
  toTime?: Date | null

  @Field(() => String, { nullable: true })
  extrinsicHash?: string | null

  @Field(() => EventSource, { nullable: true })
  source?: EventSource | null
}

@InputType()
export class FailedCallFilter {
  @Field(() => RegistryCall, { nullable: true })
  call?: RegistryCall | null

  @Field(() => CallStatus, { nullable: true })
  status?: CallStatus | null

  @Field(() => String, { nullable: true, description: '`Pallet.Name`.' })
  error?: string | null

  @Field(() => ID, { nullable: true })
  autoId?: string | null

  @Field(() => ID, { nullable: true })
  issuerId?: string | null

  @Field(() => String, { nullable: true, description: 'Account as 0x hex or SS58.' })
  signer?: string | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  fromBlock?: number | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  toBlock?: number | null

  @Field(() => DateTime, { nullable: true, description: 'Inclusive.' })
  fromTime?: Date | null

  @Field(() => DateTime, { nullable: true, description: 'Exclusive.' })
  toTime?: Date | null

  @Field(() => String, { nullable: true })
  extrinsicHash?: string | null

  @Field(() => Boolean, { nullable: true })
  derived?: boolean | null
}

@InputType()
export class RemarkFilter {
  @Field(() => String, { nullable: true, description: 'blake2b-256 of the remark.' })
  remarkHash?: string | null

  @Field(() => String, { nullable: true, description: 'The remark as 0x hex.' })
  remark?: string | null

  @Field(() => String, { nullable: true, description: 'Account as 0x hex or SS58.' })
  sender?: string | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  fromBlock?: number | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  toBlock?: number | null
}

@InputType()
export class FindingFilter {
  @Field(() => FindingCode, { nullable: true })
  code?: string | null

  @Field(() => Severity, { nullable: true })
  severity?: Severity | null

  @Field(() => ID, { nullable: true })
  autoId?: string | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  fromBlock?: number | null

  @Field(() => Int, { nullable: true, description: 'Inclusive.' })
  toBlock?: number | null
}
