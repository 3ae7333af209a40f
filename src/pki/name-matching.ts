/** How one name lies in a subtree, form by form (RFC 5280 §4.2.1.10), and the syntax each form must have. */

/** LDH labels, an underscore nowhere (RFC 1034 §3.5, RFC 1123 §2.1); the last label is never a number. */
const DNS_NAME =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** Without a trailing dot, at most 253 characters. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && DNS_NAME.test(name)
}

/** A DNS name, or one whose whole first label is `*`. */
export function isDnsPattern(name: string): boolean {
  return isDnsName(name.startsWith('*.') ? name.slice(2) : name)
}

/** Underscores are outside the preferred syntax but do occur; a lenient reader only needs sound labels. */
export function isLooseDnsPattern(name: string): boolean {
  return isDnsPattern(name.replaceAll('_', 'x'))
}

/** Host names compare without case; `name` is in the subtree when labels were only added on its left. */
export function isInDnsSubtree(name: string, base: string): boolean {
  const lower = name.toLowerCase()
  const root = base.toLowerCase()
  return root === '' || lower === root || lower.endsWith(`.${root}`)
}

/** Whether `*.example.com` could stand for a name in the excluded subtree (CVE-2025-61727). */
export function mayExpandInto(pattern: string, base: string): boolean {
  return pattern.startsWith('*.') && isInDnsSubtree(base, pattern.slice(2))
}

export type Mailbox = { readonly local: string; readonly host: string }

/** `local@host` of RFC 2821, quoted local parts aside; undefined for anything else. */
export function parseMailbox(text: string): Mailbox | undefined {
  const parts = text.split('@')
  const [local = '', host = ''] = parts
  if (parts.length !== 2 || !/^[^\s"(),:;<>[\\\]]+$/.test(local) || !isDnsName(host))
    return undefined
  return { local, host }
}

/** A mailbox, a host, or `.` and a domain (§4.2.1.10). Undefined: the constraint itself is malformed. */
export function isInMailSubtree(mailbox: Mailbox, base: string): boolean | undefined {
  if (base.includes('@')) {
    const constraint = parseMailbox(base)
    if (constraint === undefined) return undefined
    // The local part is the mail host's to interpret, so its case counts (RFC 2821 §2.4).
    return constraint.local === mailbox.local && isSameHost(constraint.host, mailbox.host)
  }
  return isInHostSubtree(mailbox.host, base)
}

/** `host` names that host only, `.domain` any host below it. Undefined: malformed. */
export function isInHostSubtree(host: string, base: string): boolean | undefined {
  if (base.startsWith('.')) {
    if (!isDnsName(base.slice(1))) return undefined
    return host.toLowerCase().endsWith(base.toLowerCase())
  }
  if (!isDnsName(base)) return undefined
  return isSameHost(host, base)
}

function isSameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Host of a URI with an authority; undefined without one, or when it is an address (§4.2.1.10). */
export function uriHost(uri: string): string | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@]*)(?::\d*)?(?:[/?#]|$)/i.exec(uri)
  const host = match?.[1]
  return host !== undefined && isDnsName(host) ? host : undefined
}

/** Address and mask of 4+4 or 16+16 octets. Undefined: the mask has holes. */
export function isInAddressRange(address: Uint8Array, range: Uint8Array): boolean | undefined {
  const size = range.length / 2
  if (!isPrefixMask(range.subarray(size))) return undefined
  if (address.length !== size) return false
  for (let index = 0; index < size; index++) {
    const mask = range[size + index] as number
    if (((address[index] as number) & mask) !== ((range[index] as number) & mask)) return false
  }
  return true
}

/** Ones first, then zeros only (RFC 4632 §5.1). */
export function isPrefixMask(mask: Uint8Array): boolean {
  let hasEnded = false
  for (const octet of mask) {
    if (hasEnded ? octet !== 0 : ((octet ^ 0xff) & ((octet ^ 0xff) + 1)) !== 0) return false
    if (octet !== 0xff) hasEnded = true
  }
  return true
}

/** Whether the subtree's RDNs are the first of the name's. */
export function isInDirectorySubtree(name: readonly string[], base: readonly string[]): boolean {
  return base.length <= name.length && base.every((rdn, index) => rdn === name[index])
}
