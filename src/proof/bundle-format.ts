/** The JSON form of an evidence bundle: hostile text in, a checked shape out. */

import { isHex } from '../bytes'
import { BUNDLE_FORMAT, type EvidenceBundle } from './bundle'

export type ParsedBundle =
  | { readonly ok: true; readonly bundle: EvidenceBundle }
  | { readonly ok: false; readonly message: string }

/** Reads a bundle's JSON and checks its shape; what its parts say is checked by {@link verifyBundle}. */
export function parseBundle(text: string): ParsedBundle {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, message: 'no JSON' }
  }
  const problem = shapeProblem(value) ?? formProblem(text, value)
  return problem === null
    ? { ok: true, bundle: value as EvidenceBundle }
    : { ok: false, message: `no evidence bundle: ${problem}` }
}

type Shape = 'text' | 'hex' | 'number' | readonly [Shape] | { readonly [key: string]: Shape }

const HEADER: Shape = {
  parentHash: 'hex',
  number: 'number',
  stateRoot: 'hex',
  extrinsicsRoot: 'hex',
  digestLogs: ['hex'],
}
const BLOCK: Shape = { blockHash: 'hex', header: HEADER, nodes: ['hex'] }
const BUNDLE: Shape = {
  format: 'text',
  version: 'number',
  genesisHash: 'hex',
  autoId: 'hex',
  state: { blockHash: 'hex', header: HEADER, autoId: 'hex', nodes: ['hex'] },
  certificates: [
    {
      autoId: 'hex',
      tbs: 'hex',
      signatureAlgorithm: 'hex',
      signature: 'hex',
      block: BLOCK,
      extrinsic: { index: 'number', extrinsic: 'hex', nodes: ['hex'] },
    },
  ],
}

function shapeProblem(value: unknown): string | null {
  const format = (value as { format?: unknown } | null)?.format
  if (format !== BUNDLE_FORMAT) return `format is not "${BUNDLE_FORMAT}"`
  if ((value as { version?: unknown }).version !== 1) return 'version is not 1'
  return mismatch(value, BUNDLE, '')
}

/** JSON lets a field be said twice, and each reader takes the one it likes. Here all is said once, in one form. */
function formProblem(text: string, value: unknown): string | null {
  const isPlain = text.replace(/\s+/g, '') === JSON.stringify(value)
  return isPlain ? null : 'a field is said twice, or not in its plain form'
}

function mismatch(value: unknown, shape: Shape, path: string): string | null {
  if (shape === 'text') return typeof value === 'string' ? null : `${path}: not a text`
  if (shape === 'hex') return typeof value === 'string' && isHex(value) ? null : `${path}: not hex`
  if (shape === 'number') {
    return Number.isSafeInteger(value) && (value as number) >= 0 ? null : `${path}: not a number`
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${path}: not a list`
    return firstProblem(value.map((item, i) => () => mismatch(item, shape[0], `${path}[${i}]`)))
  }
  if (typeof value !== 'object' || value === null) return `${path}: not an object`
  const fields = value as Record<string, unknown>
  const unknown = Object.keys(fields).find((key) => !Object.hasOwn(shape, key))
  // Not looked at by us, it could be taken for checked.
  if (unknown !== undefined) return `${path === '' ? 'bundle' : path}: a field that no bundle has`
  return firstProblem(
    Object.entries(shape).map(
      ([key, inner]) =>
        () =>
          mismatch(fields[key], inner, path === '' ? key : `${path}.${key}`),
    ),
  )
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}

function firstProblem(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const problem = check()
    if (problem !== null) return problem
  }
  return null
}
