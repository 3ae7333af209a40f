/** A certificate as text for people, in the manner of `openssl x509 -text`. Descriptive only: no verdict rests on it. */
import { signatureAlgorithm } from './algorithm'
import { type Extension, type ParsedCertificate, parseCertificate } from './certificate'
import { DerError } from './der'
import { type DistributionPoint, decodeDistributionPoints } from './distribution-points'
import * as extensions from './extensions'
import { OID } from './extensions'
import type { GeneralName } from './general-names'
import { renderName } from './names'
import { publicKeyInfo, spkiSha256 } from './public-key'

/** @throws {DerError | CertificateError} when the bytes are no certificate. */
export function renderCertificateText(certificate: Uint8Array | ParsedCertificate): string {
  const parsed = certificate instanceof Uint8Array ? parseCertificate(certificate) : certificate
  const key = publicKeyInfo(parsed.spki)
  return [
    'Certificate:',
    `    Version: ${parsed.version}`,
    `    Serial Number: ${parsed.serialNumber} (${hexBytes(parsed.serialBytes)})`,
    `    Signature Algorithm: ${algorithmName(parsed.innerAlgorithm)}`,
    `    Issuer: ${renderName(parsed.issuer)}`,
    '    Validity',
    `        Not Before: ${isoTime(parsed.notBefore.ms)}`,
    `        Not After : ${isoTime(parsed.notAfter.ms)}`,
    `    Subject: ${renderName(parsed.subject)}`,
    '    Subject Public Key Info',
    `        Algorithm: ${key.algorithm}${key.bits === null ? '' : ` (${key.bits} bit)`}`,
    `        SHA-256: ${spkiSha256(parsed.spki)}`,
    ...renderExtensions(parsed.extensions),
    `    Signature Algorithm: ${algorithmName(parsed.outerAlgorithm)}`,
    ...hexLines(parsed.signature, '        '),
    '',
  ].join('\n')
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

function algorithmName(der: Uint8Array): string {
  return signatureAlgorithm(der)?.name ?? `unknown (${Buffer.from(der).toString('hex')})`
}

function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function hexLines(bytes: Uint8Array, indent: string): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 18) {
    lines.push(`${indent}${hexBytes(bytes.subarray(at, at + 18))}`)
  }
  return lines
}

function renderExtensions(list: readonly Extension[]): string[] {
  if (list.length === 0) return []
  const lines = list.flatMap((extension) => {
    const renderer = RENDERERS[extension.oid]
    const title = renderer?.title ?? extension.oid
    return [
      `        ${title}:${extension.critical ? ' critical' : ''}`,
      ...valueLines(extension, renderer).map((line) => `            ${line}`),
    ]
  })
  return ['    X509v3 extensions:', ...lines]
}

function valueLines(extension: Extension, renderer: Renderer | undefined): readonly string[] {
  if (renderer === undefined) return hexLines(extension.value, '')
  try {
    return renderer.render(extension.value)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return [`malformed: ${error.message}`, ...hexLines(extension.value, '')]
  }
}

type Renderer = {
  readonly title: string
  readonly render: (value: Uint8Array) => readonly string[]
}

const PURPOSE_NAMES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  [OID.anyExtendedKeyUsage]: 'anyExtendedKeyUsage',
}

const RENDERERS: Readonly<Record<string, Renderer>> = {
  [OID.basicConstraints]: {
    title: 'X509v3 Basic Constraints',
    render: (value) => {
      const { cA, pathLenConstraint } = extensions.decodeBasicConstraints(value)
      const length = pathLenConstraint === null ? '' : `, pathlen:${pathLenConstraint}`
      return [`CA:${cA ? 'TRUE' : 'FALSE'}${length}`]
    },
  },
  [OID.keyUsage]: {
    title: 'X509v3 Key Usage',
    render: (value) => [[...extensions.decodeKeyUsage(value)].join(', ')],
  },
  [OID.extKeyUsage]: {
    title: 'X509v3 Extended Key Usage',
    render: (value) => [
      extensions
        .decodeExtKeyUsage(value)
        .map((oid) => PURPOSE_NAMES[oid] ?? oid)
        .join(', '),
    ],
  },
  [OID.subjectAltName]: {
    title: 'X509v3 Subject Alternative Name',
    render: (value) => extensions.decodeAltName(value).map(renderGeneralName),
  },
  [OID.issuerAltName]: {
    title: 'X509v3 Issuer Alternative Name',
    render: (value) => extensions.decodeAltName(value).map(renderGeneralName),
  },
  [OID.subjectKeyIdentifier]: {
    title: 'X509v3 Subject Key Identifier',
    render: (value) => [hexBytes(extensions.decodeKeyIdentifier(value))],
  },
  [OID.authorityKeyIdentifier]: {
    title: 'X509v3 Authority Key Identifier',
    render: renderAuthorityKeyIdentifier,
  },
  [OID.nameConstraints]: {
    title: 'X509v3 Name Constraints',
    render: (value) => {
      const { permitted, excluded } = extensions.decodeNameConstraints(value)
      return [
        ...permitted.map((name) => `Permitted: ${renderGeneralName(name)}`),
        ...excluded.map((name) => `Excluded: ${renderGeneralName(name)}`),
      ]
    },
  },
  [OID.certificatePolicies]: {
    title: 'X509v3 Certificate Policies',
    render: (value) =>
      extensions.decodeCertificatePolicies(value).map(({ oid }) => `Policy: ${oid}`),
  },
  [OID.policyMappings]: {
    title: 'X509v3 Policy Mappings',
    render: (value) =>
      extensions
        .decodePolicyMappings(value)
        .map(({ issuerDomain, subjectDomain }) => `${issuerDomain}:${subjectDomain}`),
  },
  [OID.policyConstraints]: {
    title: 'X509v3 Policy Constraints',
    render: (value) => {
      const constraints = extensions.decodePolicyConstraints(value)
      return [
        `Require Explicit Policy: ${constraints.requireExplicitPolicy ?? 'absent'}`,
        `Inhibit Policy Mapping: ${constraints.inhibitPolicyMapping ?? 'absent'}`,
      ]
    },
  },
  [OID.inhibitAnyPolicy]: {
    title: 'X509v3 Inhibit Any Policy',
    render: (value) => [`${extensions.decodeInhibitAnyPolicy(value)}`],
  },
  [OID.crlDistributionPoints]: {
    title: 'X509v3 CRL Distribution Points',
    render: (value) => decodeDistributionPoints(value).flatMap(renderDistributionPoint),
  },
  [OID.freshestCrl]: {
    title: 'X509v3 Freshest CRL',
    render: (value) => decodeDistributionPoints(value).flatMap(renderDistributionPoint),
  },
  [OID.authorityInfoAccess]: {
    title: 'Authority Information Access',
    render: (value) =>
      extensions
        .decodeInfoAccess(value)
        .map(({ method, location }) => `${method} - ${renderGeneralName(location)}`),
  },
}

function renderAuthorityKeyIdentifier(value: Uint8Array): readonly string[] {
  const { keyIdentifier, authorityCertIssuer, authorityCertSerialNumber } =
    extensions.decodeAuthorityKeyIdentifier(value)
  return [
    ...(keyIdentifier === null ? [] : [hexBytes(keyIdentifier)]),
    ...(authorityCertIssuer ?? []).map(renderGeneralName),
    ...(authorityCertSerialNumber === null
      ? []
      : [`serial:${hexBytes(authorityCertSerialNumber)}`]),
  ]
}

function renderDistributionPoint({ name, crlIssuer }: DistributionPoint): readonly string[] {
  const names =
    name === null
      ? []
      : name.kind === 'fullName'
        ? name.names.map(renderGeneralName)
        : ['relative name']
  return [
    ...names,
    ...(crlIssuer ?? []).map((issuer) => `CRL Issuer: ${renderGeneralName(issuer)}`),
  ]
}

/** `DNS:example.com` and so on. Controls and bidirectional marks are escaped. */
export function renderGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'dNSName':
      return `DNS:${escapeControls(name.value)}`
    case 'rfc822Name':
      return `email:${escapeControls(name.value)}`
    case 'uniformResourceIdentifier':
      return `URI:${escapeControls(name.value)}`
    case 'iPAddress':
      return `IP Address:${renderAddress(name.octets)}`
    case 'directoryName':
      return `DirName:${renderName(name.name)}`
    case 'registeredID':
      return `Registered ID:${name.oid}`
    case 'otherName':
      return `othername:${name.oid}`
    default:
      return name.kind
  }
}

function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    Buffer.from(character, 'utf8').toString('hex').replace(/../g, '\\$&'),
  )
}

/** Address, or address and mask as name constraints have it. */
function renderAddress(octets: Uint8Array): string {
  if (octets.length === 8 || octets.length === 32) {
    const half = octets.length / 2
    return `${renderAddress(octets.subarray(0, half))}/${renderAddress(octets.subarray(half))}`
  }
  if (octets.length === 4) return octets.join('.')
  const hex = Buffer.from(octets).toString('hex')
  return (hex.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, '')).join(':')
}
