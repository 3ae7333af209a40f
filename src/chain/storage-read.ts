/** Reading storage of a block from a node. */

import { type Hex, isHex } from '../bytes'
import { inconsistent } from '../inconsistent'
import { AnswerTooLarge } from '../rpc-connection'
import { type Endpoint, isUnknownMethod } from './endpoint'

export type StorageValues = ReadonlyMap<Hex, Hex | null>

/** Endpoints without `state_queryStorageAt`: some providers leave it out. */
const withoutQuery = new WeakSet<Endpoint>()

/**
 * The same keys at several blocks, in one batch where the endpoint takes one.
 *
 * @returns per block, each key's value or null
 */
export async function readStorageAt(
  endpoint: Endpoint,
  keys: readonly Hex[],
  hashes: readonly Hex[],
): Promise<StorageValues[]> {
  if (withoutQuery.has(endpoint)) return readPlainly(endpoint, keys, hashes)
  try {
    const answers = await endpoint.callMany<unknown>(
      hashes.map((hash) => ({ method: 'state_queryStorageAt', params: [keys, hash] })),
    )
    return answers.map((answer, i) => readChanges(answer, keys, hashes[i]))
  } catch (error) {
    if (!isUnknownMethod(error)) throw error
    withoutQuery.add(endpoint)
    return readPlainly(endpoint, keys, hashes)
  }
}

/** Keys one query asks for: a long answer would meet the node's limit. */
const KEYS_PER_QUERY = 100

/** Many keys of one block; asks for fewer at once when the node finds the answer too large. */
export async function readKeys(
  endpoint: Endpoint,
  keys: readonly Hex[],
  hash: Hex,
  atOnce = KEYS_PER_QUERY,
): Promise<StorageValues> {
  const values = new Map<Hex, Hex | null>()
  try {
    for (let i = 0; i < keys.length; i += atOnce) {
      const [part] = await readStorageAt(endpoint, keys.slice(i, i + atOnce), [hash])
      for (const [key, value] of part ?? []) values.set(key, value)
    }
    return values
  } catch (error) {
    if (!(error instanceof AnswerTooLarge) || atOnce === 1) throw error
    return readKeys(endpoint, keys, hash, Math.ceil(atOnce / 4))
  }
}

/** Largest page Substrate gives. */
const KEYS_PER_PAGE = 1000

/** All keys under a prefix at a block, ascending. */
export async function listKeys(endpoint: Endpoint, prefix: Hex, hash: Hex): Promise<Hex[]> {
  const keys: Hex[] = []
  for (;;) {
    const after = keys.at(-1) ?? null
    const page = await endpoint.call<unknown>('state_getKeysPaged', [
      prefix,
      KEYS_PER_PAGE,
      after,
      hash,
    ])
    const isPage =
      Array.isArray(page) &&
      page.every((key) => typeof key === 'string' && key.startsWith(prefix) && key > (after ?? ''))
    if (!isPage) throw inconsistent(`The node gave no page of keys under ${prefix}.`)
    for (const key of page) keys.push(key)
    if (page.length < KEYS_PER_PAGE) return keys
  }
}

async function readPlainly(
  endpoint: Endpoint,
  keys: readonly Hex[],
  hashes: readonly Hex[],
): Promise<StorageValues[]> {
  const answers = await endpoint.callMany<unknown>(
    hashes.flatMap((hash) =>
      keys.map((key) => ({ method: 'state_getStorage', params: [key, hash] })),
    ),
  )
  return hashes.map((_, block) => {
    const values = new Map<Hex, Hex | null>()
    keys.forEach((key, i) => {
      values.set(key, readValue(answers[block * keys.length + i]))
    })
    return values
  })
}

function readChanges(answer: unknown, keys: readonly Hex[], hash: Hex | undefined): StorageValues {
  const changes = Array.isArray(answer)
    ? (answer[0] as { block?: unknown; changes?: unknown } | undefined)
    : undefined
  if (!Array.isArray(changes?.changes)) throw inconsistent('The node gave no storage changes.')
  if (changes.block !== hash) {
    throw inconsistent(
      `The node gave the state of another block, ${String(changes.block)}, than ${hash}.`,
    )
  }
  const values = new Map<Hex, Hex | null>()
  for (const change of changes.changes) {
    if (Array.isArray(change)) values.set(String(change[0]), readValue(change[1]))
  }
  // A key the answer leaves out was not answered for: it is not the same as absent.
  const missing = keys.find((key) => !values.has(key))
  if (missing !== undefined) throw inconsistent(`The node left out storage key ${missing}.`)
  return values
}

function readValue(value: unknown): Hex | null {
  if (value === null) return null
  if (typeof value !== 'string' || !isHex(value)) {
    throw inconsistent('The node gave a storage value that is no hexadecimal text.')
  }
  return value
}
