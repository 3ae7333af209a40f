/** Public keys. */

import { Field, Int, ObjectType } from 'type-graphql'
import { Json } from '../scalars'

@ObjectType({ simpleResolvers: true })
export class PublicKey {
  @Field(() => String, { description: 'Such as `RSA`, `EC-P256`, `Ed25519`; `unknown` else.' })
  algorithm!: string

  @Field(() => Int, { nullable: true })
  bits!: number | null

  @Field(() => String, { description: 'DER SubjectPublicKeyInfo, base64.' })
  spki!: string

  @Field(() => String, { description: 'SHA-256 of the SubjectPublicKeyInfo.' })
  sha256!: string

  @Field(() => Json, { nullable: true, description: 'RFC 7517; null for keys that have no JWK.' })
  jwk!: object | null
}
