/** Certificates as they were registered or renewed: one for each such event. */

import { Field, ObjectType } from 'type-graphql'
import type { Moment } from '../moment'
import type { CertificateRow } from '../rows'
import { DateTime } from '../scalars'
import { RevocationReason, SignatureOutcome } from './enums'

@ObjectType({ simpleResolvers: true })
export class CertificateExtension {
  @Field(() => String)
  oid!: string

  @Field(() => String, { nullable: true, description: 'Null for an OID we have no name for.' })
  name!: string | null

  @Field(() => Boolean)
  critical!: boolean

  @Field(() => String, { nullable: true, description: 'In words; null when it does not decode.' })
  value!: string | null

  @Field(() => String, { description: 'extnValue, 0x hex.' })
  hex!: string
}

@ObjectType({ simpleResolvers: true })
export class Certificate {
  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of the DER; null when no certificate can be rebuilt.',
  })
  fingerprint!: string | null

  @Field(() => String, { description: 'SHA-256 of the TBSCertificate as submitted.' })
  tbsFingerprint!: string

  @Field(() => String, { description: '0x hex without leading zeros, as the registry counts it.' })
  serial!: string

  @Field(() => String)
  subject!: string

  @Field(() => String)
  issuerName!: string

  @Field(() => DateTime)
  notBefore!: Date

  @Field(() => DateTime)
  notAfter!: Date

  @Field(() => String, { description: 'Of the algorithm inside the TBS; its OID when unknown.' })
  signatureAlgorithm!: string

  @Field(() => SignatureOutcome)
  signatureOutcome!: SignatureOutcome

  @Field(() => [CertificateExtension], { description: 'Empty when they do not parse.' })
  extensions!: readonly CertificateExtension[]

  @Field(() => String, { nullable: true, description: 'Why the DER cannot be rebuilt.' })
  rebuildProblem!: string | null

  @Field(() => String, { nullable: true, description: 'Why a strict RFC 5280 parser refuses it.' })
  parseProblem!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'The subjectAltName URI `autoid:auto:…`; it need not equal the id on chain.',
  })
  sanAutoId!: string | null

  readonly row!: CertificateRow
  readonly moment!: Moment
}

@ObjectType({ description: "A serial's entry in an issuer's list.", simpleResolvers: true })
export class Revocation {
  @Field(() => RevocationReason)
  reason!: RevocationReason

  @Field(() => String)
  serial!: string

  readonly block!: number
  readonly eventId!: string | null
}

@ObjectType({
  description: 'The certificate in force and those of its issuers.',
  simpleResolvers: true,
})
export class CertificateChain {
  @Field(() => [Certificate], { description: 'Leaf first, each followed by that of its issuer.' })
  certificates!: readonly Certificate[]

  @Field(() => Boolean, {
    description:
      'Does it lead to a root of the registry, every link registered at that moment and whole? Not a verdict: see `verify`.',
  })
  complete!: boolean

  @Field(() => String, {
    description: 'The certificates that can be rebuilt, leaf first, as PEM blocks.',
  })
  pem!: string

  readonly trustAnchorId!: string | null
  readonly moment!: Moment
}
