/** The runtimes a chain has had, each loaded once. */

import { fromHex, type Hex } from '../bytes'
import { inconsistent } from '../inconsistent'
import { AUTO_ID_PALLET, checkAutoIdPallet } from './auto-id-pallet'
import type { Endpoint, RpcRequest } from './endpoint'
import { argument } from './events'
import { Runtime } from './runtime'
import { ScaleReader } from './scale'

export type RuntimeId = {
  readonly specName: string
  readonly specVersion: number
  readonly implVersion: number
}

/** `System.LastRuntimeUpgrade`: written by the first block a new runtime executes. */
export const LAST_UPGRADE_KEY = '0x26aa394eea5630e07c48ae0c9558cef7f9cce9c888469bb1a0dceaa129672ef8'

export class Runtimes {
  private readonly loaded = new Map<string, Promise<Runtime>>()
  private specName: string | null = null

  /**
   * The runtime in the state of a block: the one that executes the next.
   *
   * @throws {AppError} WRONG_CHAIN when its metadata or its AutoId pallet is not of a known shape
   */
  async at(endpoint: Endpoint, hash: Hex): Promise<Runtime> {
    return this.load(endpoint, await readVersion(endpoint, hash), hash)
  }

  /** Versions in the states of the first and the last of a run of blocks. */
  versionsAtEnds(endpoint: Endpoint, hashes: readonly Hex[]): Promise<RuntimeId[]> {
    return readVersions(
      endpoint,
      hashes.length > 1 ? [...hashes.slice(0, 1), ...hashes.slice(-1)] : hashes,
    )
  }

  /**
   * The runtime that executed each of a run of blocks.
   *
   * @param parents their parents' hashes, in order (genesis: its own)
   * @param ends {@link versionsAtEnds} of the parents
   * @param upgrades `System.LastRuntimeUpgrade` after each block: shows a change between the ends
   */
  async executing(
    endpoint: Endpoint,
    parents: readonly Hex[],
    ends: readonly RuntimeId[],
    upgrades: readonly (Hex | null)[],
  ): Promise<Runtime[]> {
    const id = ends[0]
    const isOne =
      id !== undefined &&
      ends.every((end) => keyOf(end) === keyOf(id)) &&
      upgrades.every((upgrade) => upgrade === null || upgradedTo(upgrade) === id.specVersion)
    const ids = isOne ? parents.map(() => id) : await readVersions(endpoint, parents)
    return Promise.all(
      ids.map((each, i) => {
        assertUpgrade(each, upgrades[i] ?? null)
        return this.load(endpoint, each, parents[i] ?? '')
      }),
    )
  }

  private load(endpoint: Endpoint, id: RuntimeId, hash: Hex): Promise<Runtime> {
    const key = keyOf(id)
    let runtime = this.loaded.get(key)
    if (runtime === undefined) {
      runtime = this.fetch(endpoint, id, hash)
      this.loaded.set(key, runtime)
      runtime.catch(() => this.loaded.delete(key))
    }
    return runtime
  }

  private async fetch(endpoint: Endpoint, id: RuntimeId, hash: Hex): Promise<Runtime> {
    this.specName ??= id.specName
    if (id.specName !== this.specName) {
      throw inconsistent(`The node names runtime ${id.specName} on a chain of ${this.specName}.`)
    }
    const metadata = await endpoint.call<unknown>('state_getMetadata', [hash])
    if (typeof metadata !== 'string') throw inconsistent('The node gave no metadata.')
    const runtime = new Runtime(id.specName, id.specVersion, metadata)
    assertVersion(runtime)
    const problem = checkAutoIdPallet(runtime)
    if (problem !== null && runtime.hasPallet(AUTO_ID_PALLET)) throw runtime.unknownShape(problem)
    return runtime
  }
}

async function readVersion(endpoint: Endpoint, hash: Hex): Promise<RuntimeId> {
  return readId(await endpoint.call<unknown>('state_getRuntimeVersion', [hash]))
}

async function readVersions(endpoint: Endpoint, hashes: readonly Hex[]): Promise<RuntimeId[]> {
  const calls = hashes.map(
    (hash): RpcRequest => ({ method: 'state_getRuntimeVersion', params: [hash] }),
  )
  return (await endpoint.callMany<unknown>(calls)).map(readId)
}

function readId(answer: unknown): RuntimeId {
  const { specName, specVersion, implVersion } = (answer ?? {}) as Record<string, unknown>
  const isId =
    typeof specName === 'string' &&
    typeof specVersion === 'number' &&
    typeof implVersion === 'number'
  if (!isId) throw inconsistent('The node gave no runtime version.')
  return { specName, specVersion, implVersion }
}

/** The metadata carries its runtime's version as a constant: metadata of another runtime would misread the block. */
function assertVersion(runtime: Runtime): void {
  const version = runtime.constant('System', 'Version') ?? null
  const name = argument(version, 'spec_name')
  const number = argument(version, 'spec_version')
  if (name === undefined || number === undefined) return
  if (name !== runtime.specName || number !== runtime.specVersion) {
    throw inconsistent(
      `The node gave metadata of ${String(name)} ${String(number)} for runtime ${runtime.specName} ${runtime.specVersion}.`,
    )
  }
}

/** A block cannot have been executed by another version than the one it recorded itself. */
function assertUpgrade(id: RuntimeId, upgrade: Hex | null): void {
  const recorded = upgrade === null ? null : upgradedTo(upgrade)
  if (recorded !== null && recorded !== id.specVersion) {
    throw inconsistent(
      `The node names runtime ${id.specVersion} for a block whose state records ${recorded}.`,
    )
  }
}

/** `LastRuntimeUpgradeInfo {spec_version: Compact<u32>, spec_name}`; null when it does not read so. */
function upgradedTo(value: Hex): number | null {
  try {
    return Number(new ScaleReader(fromHex(value)).compact())
  } catch {
    return null
  }
}

function keyOf({ specName, specVersion, implVersion }: RuntimeId): string {
  return `${specName}/${specVersion}/${implVersion}`
}
