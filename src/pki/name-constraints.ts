/** Name constraints along a path (RFC 5280 §4.2.1.10, §6.1.3 (b) and (c)). What cannot be processed fails. */
import { oncePerArray } from '../bytes'
import { type Budget, spend } from './budget'
import type { NameConstraints } from './extensions'
import type { GeneralName, GeneralNameKind } from './general-names'
import {
  isDnsName,
  isInAddressRange,
  isInDirectorySubtree,
  isInDnsSubtree,
  isInHostSubtree,
  isInMailSubtree,
  isLooseDnsPattern,
  mayExpandInto,
  parseMailbox,
  uriHost,
} from './name-matching'
import { normalizeName, parseName } from './names'
import type { PathCertificate, Problem } from './path-certificate'

/** Whether a name lies in a subtree; undefined when name or constraint cannot be processed. */
type Membership = boolean | undefined

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'

/**
 * Checks every name of the certificate against one certificate's constraints. Later constraints narrow earlier
 * ones because each set is checked by itself.
 */
export function checkNameConstraints(
  certificate: PathCertificate,
  constraints: NameConstraints,
  budget: Budget,
): readonly Problem[] {
  const names = constrainedNames(certificate)
  if (!spend(budget, 'nameComparisons', comparisonPrice(names, constraints))) {
    return [
      { code: 'PATH_BUDGET_EXCEEDED', message: 'too many names against too many constraints' },
    ]
  }
  const permitted = groupByKind(constraints.permitted)
  const excluded = groupByKind(constraints.excluded)
  for (const name of names) {
    const problem =
      checkExcluded(name, excluded.get(name.kind) ?? []) ??
      checkPermitted(name, permitted.get(name.kind) ?? [])
    if (problem !== undefined) return [problem]
  }
  return []
}

/** No DNS name or mailbox that is one is longer; a longer name counts as several, or each comparison could be a megabyte. */
const CHARACTERS_OF_ONE_COMPARISON = 320

/** Every name with every subtree. */
function comparisonPrice(names: readonly GeneralName[], constraints: NameConstraints): number {
  const subtrees = [...constraints.permitted, ...constraints.excluded]
  const surplus = (list: readonly GeneralName[]) =>
    list.reduce((sum, name) => sum + Math.floor(lengthOf(name) / CHARACTERS_OF_ONE_COMPARISON), 0)
  return (
    names.length * subtrees.length +
    surplus(names) * subtrees.length +
    surplus(subtrees) * names.length
  )
}

function lengthOf(name: GeneralName): number {
  switch (name.kind) {
    case 'dNSName':
    case 'rfc822Name':
    case 'uniformResourceIdentifier':
      return name.value.length
    case 'directoryName':
      return name.name.length
    default:
      return 0
  }
}

/**
 * RFC 2985 §5.2.1 compares e-mail addresses in a Name without case, RFC 2821 local parts with it; an excluded
 * address must not get by on the difference.
 */
function isSameMailbox(name: string, base: string): boolean {
  return name.toLowerCase() === base.toLowerCase()
}

/** subject, subjectAltName, and the subject's e-mail addresses when the latter has none (§4.2.1.10). */
function constrainedNames(certificate: PathCertificate): readonly GeneralName[] {
  const alternative = certificate.subjectAltName ?? []
  const names: GeneralName[] = [...alternative]
  // An unreadable subject is a problem of its own, and has no RDNs here.
  if (certificate.subject.rdns.length === 0) return names
  names.push({ kind: 'directoryName', name: certificate.parsed.subject })
  if (!alternative.some(({ kind }) => kind === 'rfc822Name')) {
    for (const attribute of parseName(certificate.parsed.subject).flat()) {
      if (attribute.oid === EMAIL_ADDRESS) {
        names.push({ kind: 'rfc822Name', value: attribute.text ?? '' })
      }
    }
  }
  return names
}

function groupByKind(subtrees: readonly GeneralName[]): Map<GeneralNameKind, GeneralName[]> {
  const groups = new Map<GeneralNameKind, GeneralName[]>()
  for (const subtree of subtrees) {
    const group = groups.get(subtree.kind)
    if (group === undefined) groups.set(subtree.kind, [subtree])
    else group.push(subtree)
  }
  return groups
}

function checkExcluded(name: GeneralName, subtrees: readonly GeneralName[]): Problem | undefined {
  for (const subtree of subtrees) {
    const membership = isWithin(name, subtree, 'excluded')
    if (membership === undefined) return unsupported(name)
    if (membership) {
      return {
        code: 'PATH_NAME_EXCLUDED',
        message: `${describe(name)} lies in an excluded subtree`,
      }
    }
  }
  return undefined
}

function checkPermitted(name: GeneralName, subtrees: readonly GeneralName[]): Problem | undefined {
  if (subtrees.length === 0) return undefined
  let isPermitted = false
  for (const subtree of subtrees) {
    const membership = isWithin(name, subtree, 'permitted')
    if (membership === undefined) return unsupported(name)
    if (membership) isPermitted = true
  }
  if (isPermitted) return undefined
  const message = `${describe(name)} lies outside the permitted subtrees`
  return { code: 'PATH_NAME_NOT_PERMITTED', message }
}

function isWithin(name: GeneralName, base: GeneralName, use: 'permitted' | 'excluded'): Membership {
  switch (name.kind) {
    case 'dNSName':
      return base.kind === 'dNSName' ? isDnsWithin(name.value, base.value, use) : false
    case 'rfc822Name':
      return base.kind === 'rfc822Name' ? isMailWithin(name.value, base.value, use) : false
    case 'uniformResourceIdentifier':
      return base.kind === name.kind ? isUriWithin(name.value, base.value) : false
    case 'iPAddress':
      return base.kind === 'iPAddress' ? isInAddressRange(name.octets, base.octets) : false
    case 'directoryName':
      return base.kind === 'directoryName'
        ? isInDirectorySubtree(rdnsOf(name.name), rdnsOf(base.name))
        : false
    default:
      // RFC 5280 gives these forms no semantics, so an application "MUST … reject the certificate".
      return undefined
  }
}

/** Once for a name, not for each comparison. */
const rdnsOf = oncePerArray((name) => normalizeName(name).rdns)

function isDnsWithin(name: string, base: string, use: 'permitted' | 'excluded'): Membership {
  if (base !== '' && !isDnsName(base)) return undefined
  if (!isLooseDnsPattern(name)) return undefined
  if (use === 'excluded' && mayExpandInto(name, base)) return true
  return isInDnsSubtree(name, base)
}

function isMailWithin(name: string, base: string, use: 'permitted' | 'excluded'): Membership {
  if (use === 'excluded' && isSameMailbox(name, base)) return true
  const mailbox = parseMailbox(name)
  return mailbox === undefined ? undefined : isInMailSubtree(mailbox, base)
}

function isUriWithin(name: string, base: string): Membership {
  const host = uriHost(name)
  return host === undefined ? undefined : isInHostSubtree(host, base)
}

function unsupported(name: GeneralName): Problem {
  const message = `a constraint on ${describe(name)} cannot be processed`
  return { code: 'PATH_NAME_CONSTRAINT_UNSUPPORTED', message }
}

function describe(name: GeneralName): string {
  switch (name.kind) {
    case 'dNSName':
    case 'rfc822Name':
    case 'uniformResourceIdentifier':
      // JSON escapes controls, so a name cannot play with the reader's terminal.
      return `${name.kind} ${JSON.stringify(name.value.slice(0, 100))}`
    default:
      return name.kind
  }
}
