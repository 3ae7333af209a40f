/** What a made chain has registered so far, and calls that the pallet would apply to it. */

import { concatBytes, type Hex, toHex } from '../../bytes'
import { encodeCertificateAction } from '../../registry/action'
import { deriveIdentifier } from '../../registry/identifier'
import { makeTbs } from './certificate'
import { ED25519, type PooledKey } from './keys'
import type { Random } from './random'
import type { MadeCall } from './scale'

export type Identity = {
  readonly autoId: Hex
  readonly issuer: Identity | null
  readonly commonName: string
  readonly key: PooledKey
  readonly isCa: boolean
  serial: bigint
  nonce: bigint
  revoked: boolean
  active: boolean
}

const DAY = 86_400_000

export class RegistryModel {
  readonly identities: Identity[] = []
  /** Identities that can issue: active, not revoked, themselves under such issuers. */
  readonly issuers: Identity[] = []
  private counter = 0

  constructor(
    private readonly keys: readonly PooledKey[],
    private readonly random: Random,
    private readonly label: string,
  ) {}

  register(issuer: Identity | null, isCa: boolean, nowMs: number): MadeCall {
    this.counter += 1
    const commonName = `${this.label}-${this.counter}`
    const key = this.random.pick(this.keys)
    const serial = this.newSerial()
    const commonNameBytes = new TextEncoder().encode(commonName)
    const autoId = deriveIdentifier(issuer?.autoId ?? null, commonNameBytes)
    const identity: Identity = {
      autoId,
      issuer,
      commonName,
      key,
      isCa,
      serial,
      nonce: 0n,
      revoked: false,
      active: true,
    }
    this.identities.push(identity)
    if (isCa) this.issuers.push(identity)
    return this.signedCertificate('REGISTER', identity, serial, nowMs)
  }

  renew(identity: Identity, nowMs: number): MadeCall {
    const serial = this.newSerial()
    identity.serial = serial
    identity.revoked = false
    return this.signedCertificate('RENEW', identity, serial, nowMs)
  }

  revoke(identity: Identity): MadeCall {
    const signer = identity.issuer ?? identity
    const payload = encodeCertificateAction(identity.autoId, signer.nonce, 'REVOKE')
    signer.nonce += 1n
    identity.revoked = true
    this.drop(identity)
    const signature = signer.key.sign(payload)
    return { kind: 'REVOKE', autoId: identity.autoId, signatureAlgorithm: ED25519, signature }
  }

  deactivate(identity: Identity): MadeCall {
    const payload = encodeCertificateAction(identity.autoId, identity.nonce, 'DEACTIVATE')
    identity.active = false
    this.drop(identity)
    const signature = identity.key.sign(payload)
    return { kind: 'DEACTIVATE', autoId: identity.autoId, signatureAlgorithm: ED25519, signature }
  }

  /** An identity without children below it that may be renewed, revoked or deactivated; undefined when none was found. */
  pickLeaf(): Identity | undefined {
    for (let attempt = 0; attempt < 8 && this.identities.length > 0; attempt++) {
      const identity = this.random.pick(this.identities)
      const parent = identity.issuer
      const parentIsGood = parent === null || (parent.active && !parent.revoked)
      if (!identity.isCa && identity.active && !identity.revoked && parentIsGood) return identity
    }
    return undefined
  }

  private drop(identity: Identity): void {
    const position = this.issuers.indexOf(identity)
    if (position >= 0) this.issuers.splice(position, 1)
  }

  private newSerial(): bigint {
    const bytes = concatBytes(Uint8Array.of(1), this.random.bytes(15))
    return BigInt(toHex(bytes))
  }

  private signedCertificate(
    kind: 'REGISTER' | 'RENEW',
    identity: Identity,
    serial: bigint,
    nowMs: number,
  ): MadeCall {
    const signer = identity.issuer ?? identity
    const certificate = makeTbs({
      serial,
      issuerCommonName: signer.commonName,
      subjectCommonName: identity.commonName,
      notBefore: nowMs - DAY,
      notAfter: nowMs + 3650 * DAY,
      spki: identity.key.spki,
      isCa: identity.isCa,
    })
    return {
      kind,
      autoId: identity.autoId,
      issuerId: identity.issuer?.autoId ?? null,
      certificate,
      signatureAlgorithm: ED25519,
      signature: signer.key.sign(certificate),
    }
  }
}
