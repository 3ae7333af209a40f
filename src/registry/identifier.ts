/** How an Auto ID's identifier follows from its common name and its issuer. */
import { concatBytes, fromHex, type Hex, toHex } from '../bytes'
import { blake2b256 } from '../hash'

/**
 * The identifier the pallet derives: blake2b-256 of the CN for a root, of issuer id (32 raw bytes) ++ CN for a leaf.
 * Roots and leaves share one space: a root whose CN is `issuer id ++ CN` has the leaf's identifier.
 * @param commonName raw value bytes of the first subject CN, whatever its string type
 * @see pallet-auto-id lib.rs `Certificate::derive_identifier` @72a5aa6
 */
export function deriveIdentifier(issuerId: Hex | null, commonName: Uint8Array): Hex {
  return toHex(
    blake2b256(issuerId === null ? commonName : concatBytes(fromHex(issuerId), commonName)),
  )
}

/**
 * What the Auto SDK (1.2.3) writes behind `autoid:auto:` into a subjectAltName: hex of the ASCII text of the `0x…` id it
 * computes, where a leaf's is hashed from its issuer's hex TEXT. Equals no identifier on chain.
 * @param issuerIdentifierText the text the SDK took for the issuer's identifier, null for a root
 */
export function sdkSanIdentifier(issuerIdentifierText: string | null, commonName: string): string {
  const text = (issuerIdentifierText ?? '') + commonName
  const identifier = toHex(blake2b256(new TextEncoder().encode(text)))
  return Buffer.from(identifier, 'ascii').toString('hex')
}
