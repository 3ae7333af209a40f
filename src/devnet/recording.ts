/** A recorded chain as files: what a node would know of it, in order of arrival. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Hex } from '../bytes'
import { AppError } from '../errors'
import { indexBlocks, isLarge } from './disk-blocks'
import type { RecordedBlock } from './recorded-block'

/** Metadata and `state_getRuntimeVersion` answer of one spec version. */
export type RecordedRuntime = { readonly metadata: Hex; readonly version: Record<string, unknown> }

export type Recording = {
  readonly name: string
  readonly specName: string
  readonly properties: Record<string, unknown>
  /** Height of the last finalized block once all blocks have arrived; null: follow the configured lag. */
  readonly finalizedHeight: number | null
  /** False: a made chain, of which nothing under `AutoId` is known after genesis. */
  readonly hasRegistryState?: boolean
  readonly blocks: readonly RecordedBlock[]
  readonly runtimes: ReadonlyMap<number, RecordedRuntime>
}

type ChainFile = {
  name: string
  specName: string
  ss58Prefix: number
  tokenSymbol: string
  tokenDecimals: number
  finalizedHead?: { number: number }
  /** Absent: true. */
  hasRegistryState?: boolean
}

/**
 * Reads `chain.json`, `blocks.jsonl[.gz]`, `metadata/<spec>.hex` and `runtime/<spec>.json`.
 *
 * @throws {AppError} BAD_USER_INPUT when a file is missing or unreadable
 */
export function readRecording(directory: string): Recording {
  const chain = readJson<ChainFile>(join(directory, 'chain.json'))
  const blocks = readBlocks(directory)
  if (blocks.length === 0) throw unreadable(directory, 'it holds no block')
  const runtimes = new Map<number, RecordedRuntime>()
  for (const { specVersionAfter } of blocks) {
    if (!runtimes.has(specVersionAfter)) {
      runtimes.set(specVersionAfter, readRuntime(directory, specVersionAfter))
    }
  }
  return {
    name: chain.name,
    specName: chain.specName,
    properties: {
      ss58Format: chain.ss58Prefix,
      tokenDecimals: chain.tokenDecimals,
      tokenSymbol: chain.tokenSymbol,
    },
    finalizedHeight: chain.finalizedHead?.number ?? null,
    hasRegistryState: chain.hasRegistryState ?? true,
    blocks,
    runtimes,
  }
}

function readBlocks(directory: string): RecordedBlock[] {
  const packed = join(directory, 'blocks.jsonl.gz')
  const plain = join(directory, 'blocks.jsonl')
  try {
    if (!existsSync(packed) && existsSync(plain) && isLarge(plain)) return indexBlocks(plain)
    const text = existsSync(packed)
      ? gunzipSync(readBytes(packed)).toString('utf8')
      : readBytes(plain).toString('utf8')
    return text
      .split('\n')
      .filter((line) => line.length > 0)
      .map((line) => JSON.parse(line) as RecordedBlock)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw unreadable(directory, 'a line of its blocks is no JSON', cause)
  }
}

function readRuntime(directory: string, spec: number): RecordedRuntime {
  return {
    metadata: readBytes(join(directory, 'metadata', `${spec}.hex`))
      .toString('utf8')
      .trim(),
    version: readJson(join(directory, 'runtime', `${spec}.json`)),
  }
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readBytes(file).toString('utf8')) as T
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadable(file, 'it is no JSON', cause)
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw unreadable(file, 'it cannot be read', cause)
  }
}

function unreadable(path: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'BAD_USER_INPUT',
    `${path} is no recorded chain: ${why}. Give a directory with chain.json, blocks.jsonl.gz, metadata/ and runtime/.`,
    { path },
    { cause },
  )
}
