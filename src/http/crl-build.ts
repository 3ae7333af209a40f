/** Makes one signed CRL of an issuer out of a cursor, in bounded memory. */
import { createHash } from 'node:crypto'
import { equalBytes, type Hex } from '../bytes'
import { Lru } from '../lru'
import { type CrlEntry, crlFrame, encodeCrlEntry } from '../pki/crl-encode'
import { DerError } from '../pki/der'
import { lintCrlEntry, lintCrlFrame } from '../pki/lint'
import { normalizeName } from '../pki/names'
import type { CrlReason, Signer } from '../pki/ocsp-encode'
import type { CrlRow, CrlSource } from './readers'
import { organisationName } from './responder-certificate'
import { Spool } from './spool'

/**
 * INDIRECT: issued in the responder's name (RFC 5280 §5.2.5), each entry saying whose certificate it is.
 * DIRECT: issued in the name of the certificates' issuer, for relying parties that certified the responder's key for
 * that name themselves; entries about certificates under another issuer name are left out, spelling aside.
 */
export type CrlForm = 'INDIRECT' | 'DIRECT'

export type BuiltCrl = {
  readonly head: Uint8Array
  readonly entries: Spool
  readonly tail: Uint8Array
  readonly tbsStart: Uint8Array
  readonly tbsEnd: Uint8Array
  readonly etag: string
  readonly length: number
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
  readonly version: string
}

export type CrlTimes = {
  readonly nowMs: number
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
}

/** Pieces of this size go to the spool. */
const FLUSH_BYTES = 65_536

export async function buildCrl(
  issuerId: Hex,
  source: CrlSource,
  form: CrlForm,
  times: CrlTimes,
  signer: Signer & { readonly subject: Uint8Array },
): Promise<BuiltCrl> {
  const fallbackName = source.issuerSubject ?? registryName(issuerId)
  const entries = await spoolEntries(source, form, fallbackName, times.thisUpdateMs)
  const frame = crlFrame(
    {
      issuer: form === 'INDIRECT' ? signer.subject : fallbackName,
      thisUpdateMs: times.thisUpdateMs,
      nextUpdateMs: times.nextUpdateMs,
      // Grows with time on every replica; two lists of one millisecond have the same contents.
      crlNumber: BigInt(times.nowMs),
      indirectName: form === 'INDIRECT' ? registryName(issuerId) : null,
    },
    entries.length,
    signer,
  )
  lintCrlFrame(frame.tbsStart, frame.tbsEnd, signer)
  const signing = signer.startSignature()
  const digest = createHash('sha256')
  const update = (piece: Uint8Array) => {
    signing.update(piece)
    digest.update(piece)
  }
  update(frame.tbsStart)
  for await (const piece of entries.read()) update(piece)
  update(frame.tbsEnd)
  const { head, tail } = frame.close(signing.finish())
  const { tbsStart, tbsEnd } = frame
  const length = head.length + tbsStart.length + entries.length + tbsEnd.length + tail.length
  const etag = `"${digest.digest('hex').slice(0, 32)}"`
  return { head, tbsStart, entries, tbsEnd, tail, etag, length, version: source.version, ...times }
}

/** The name that tells this issuer's list from others of the same signer. */
function registryName(issuerId: Hex): Uint8Array {
  return organisationName('Auto ID registry', issuerId)
}

async function spoolEntries(
  source: CrlSource,
  form: CrlForm,
  fallbackName: Uint8Array,
  thisUpdateMs: number,
): Promise<Spool> {
  const spool = new Spool()
  try {
    await fillSpool(spool, source, form, fallbackName, thisUpdateMs)
    return spool
  } catch (error) {
    await spool.discard()
    throw error
  }
}

async function fillSpool(
  spool: Spool,
  source: CrlSource,
  form: CrlForm,
  fallbackName: Uint8Array,
  thisUpdateMs: number,
): Promise<void> {
  const names = nameResolver(source, fallbackName)
  const isOwn = ownName(fallbackName)
  let previous: Uint8Array | null = null
  let previousSerial: string | null = null
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  for await (const batch of source.rows()) {
    for (const row of batch) {
      const name = await names(row)
      // Rows come by serial: under one name a serial is told once.
      if (form === 'DIRECT' && (row.serial === previousSerial || !isOwn(name))) continue
      const isNew = form === 'INDIRECT' && !equalBytes(name, previous ?? EMPTY)
      const der = encodeCrlEntry(entryOf(row, isNew ? name : null, thisUpdateMs))
      lintCrlEntry(der, thisUpdateMs)
      previous = name
      previousSerial = row.serial
      pending.push(der)
      pendingBytes += der.length
    }
    if (pendingBytes >= FLUSH_BYTES) {
      await spool.write(Buffer.concat(pending))
      pending = []
      pendingBytes = 0
    }
  }
  await spool.write(Buffer.concat(pending))
}

const EMPTY = new Uint8Array()

/** Is it the issuer's name, as readers of the list compare names (RFC 5280 §7.1)? */
function ownName(issuer: Uint8Array): (name: Uint8Array) => boolean {
  const own = nameKey(issuer)
  return (name) => nameKey(name) === own
}

/** By its bytes where it does not parse. */
function nameKey(name: Uint8Array): string {
  try {
    return normalizeName(name).key
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    return `der ${Buffer.from(name).toString('hex')}`
  }
}

function entryOf(
  row: CrlRow,
  certificateIssuer: Uint8Array | null,
  thisUpdateMs: number,
): CrlEntry {
  return {
    serial: BigInt(row.serial),
    // A block made after the node last confirmed our head would otherwise lie in the list's future.
    revokedAtMs: Math.min(row.at.timeMs, thisUpdateMs),
    reason: reasonOf(row.reason),
    certificateIssuer,
  }
}

function reasonOf(reason: CrlRow['reason']): CrlReason | null {
  if (reason === 'REVOKED') return null
  return reason === 'SUPERSEDED' ? 'superseded' : 'cessationOfOperation'
}

/** DER issuer names by their text: the certificates of one issuer mostly share one. */
function nameResolver(
  source: CrlSource,
  fallbackName: Uint8Array,
): (row: CrlRow) => Promise<Uint8Array> {
  const known = new Lru<string, Uint8Array>(64)
  return async (row) => {
    if (row.issuerName === null || row.certificateId === null) return fallbackName
    const cached = known.get(row.issuerName)
    if (cached !== undefined) return cached
    const name = (await source.issuerNameOf(row.certificateId)) ?? fallbackName
    known.set(row.issuerName, name)
    return name
  }
}
