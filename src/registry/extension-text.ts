/** Extensions of a certificate, named and described for people. Nothing here decides anything. */
import { type Hex, toHex } from '../bytes'
import { DerError } from '../pki/der'
import { oidValue } from '../pki/der-values'
import * as extensions from '../pki/extensions'
import { OID } from '../pki/extensions'
import type { GeneralName } from '../pki/general-names'
import { renderName } from '../pki/names'
import type { ExtensionRecord } from './block-changes'
import type { LaxExtension } from './pallet-certificate'
import { storableText } from './storable-text'

const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(OID).map(([name, oid]) => [oid, name])),
  '2.16.840.1.113730.1.13': 'nsComment',
  '1.3.6.1.4.1.11129.2.4.2': 'signedCertificateTimestampList',
}

const PURPOSES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
}

/** As many as the strict reader takes; more only serve to make a page long. */
const MAX_SHOWN = 256

/** The first 256 extensions for people; what has no reading is told by its hex alone. */
export function describeExtensions(list: readonly LaxExtension[]): readonly ExtensionRecord[] {
  return list.slice(0, MAX_SHOWN).map(({ oid: content, critical, value }) => {
    const oid = dottedOid(content)
    const hex: Hex = toHex(value)
    return { oid, name: NAMES[oid] ?? null, critical, value: describe(oid, value), hex }
  })
}

/** Dotted text of an OID's contents; their hex when they are no OID. */
export function dottedOid(content: Uint8Array): string {
  try {
    return oidValue({ bytes: content, tag: 6, start: 0, contentStart: 0, end: content.length })
  } catch (error) {
    if (error instanceof DerError) return toHex(content)
    throw error
  }
}

/**
 * The first subjectAltName URI that begins with `autoid:auto:`; null when there is none or the extension does not parse.
 */
export function autoIdUri(list: readonly LaxExtension[]): string | null {
  for (const { oid, value } of list) {
    if (dottedOid(oid) !== OID.subjectAltName) continue
    const names = orNull(() => extensions.decodeAltName(value)) ?? []
    for (const name of names) {
      const isUri = name.kind === 'uniformResourceIdentifier'
      if (isUri && name.value.startsWith('autoid:auto:')) return storableText(name.value)
    }
  }
  return null
}

function describe(oid: string, value: Uint8Array): string | null {
  const text = orNull(() => describeKnown(oid, value))
  return text === null ? null : storableText(text)
}

function describeKnown(oid: string, value: Uint8Array): string | null {
  switch (oid) {
    case OID.basicConstraints: {
      const { cA, pathLenConstraint } = extensions.decodeBasicConstraints(value)
      const length = pathLenConstraint === null ? '' : `, pathLen: ${pathLenConstraint}`
      return `CA: ${cA ? 'TRUE' : 'FALSE'}${length}`
    }
    case OID.keyUsage:
      return [...extensions.decodeKeyUsage(value)].join(', ')
    case OID.extKeyUsage:
      return extensions
        .decodeExtKeyUsage(value)
        .map((purpose) => PURPOSES[purpose] ?? purpose)
        .join(', ')
    case OID.subjectAltName:
    case OID.issuerAltName:
      return extensions.decodeAltName(value).map(nameText).join(', ')
    case OID.subjectKeyIdentifier:
      return toHex(extensions.decodeKeyIdentifier(value))
    case OID.authorityKeyIdentifier: {
      const { keyIdentifier } = extensions.decodeAuthorityKeyIdentifier(value)
      return keyIdentifier === null ? null : toHex(keyIdentifier)
    }
    case OID.nameConstraints: {
      const { permitted, excluded } = extensions.decodeNameConstraints(value)
      return [
        ...permitted.map((name) => `permitted ${nameText(name)}`),
        ...excluded.map((name) => `excluded ${nameText(name)}`),
      ].join(', ')
    }
    case OID.certificatePolicies:
      return extensions
        .decodeCertificatePolicies(value)
        .map((policy) => policy.oid)
        .join(', ')
    default:
      return null
  }
}

function nameText(name: GeneralName): string {
  switch (name.kind) {
    case 'rfc822Name':
      return `email:${name.value}`
    case 'dNSName':
      return `DNS:${name.value}`
    case 'uniformResourceIdentifier':
      return `URI:${name.value}`
    case 'directoryName':
      return `dirName:${renderName(name.name)}`
    case 'iPAddress':
      return `IP:${addressText(name.octets)}`
    case 'registeredID':
      return `RID:${name.oid}`
    case 'otherName':
    case 'x400Address':
    case 'ediPartyName':
      return `${name.kind}:${toHex(name.der)}`
  }
}

/** Address, or address/mask, in dotted or colon notation without any shortening. */
function addressText(octets: Uint8Array): string {
  const isMasked = octets.length === 8 || octets.length === 32
  const half = octets.length / 2
  const parts = isMasked ? [octets.subarray(0, half), octets.subarray(half)] : [octets]
  return parts.map(oneAddress).join('/')
}

function oneAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  const groups = toHex(octets).slice(2).match(/.{4}/g) ?? []
  return groups.join(':')
}

/** Null for what the strict decoders refuse. */
function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) return null
    throw error
  }
}
