/** The node's RPC methods: pure questions about the chain, without transport. */

import { fromHex, type Hex, toHex } from '../bytes'
import { blake2b256 } from '../hash'
import { AUTO_IDS_PREFIX } from '../proof/registry-storage'
import { Trie } from '../proof/trie-build'
import type { TreeBlock } from './block-tree'
import type { DevnetNode } from './node'
import { Params } from './params'
import type { RecordedBlock } from './recorded-block'
import { discardedState, invalidParams, methodNotFound, unknownBlock } from './rpc-error'

export type Method = (params: Params) => unknown

/** What a node of this kind refuses on purpose. */
export type NodeLimits = {
  /** States below this height are gone, as on a pruned node. */
  readonly prunedBelow: number
}

/** Most keys `state_getKeysPaged` gives at once, as in Substrate. */
const KEYS_PAGE_LIMIT = 1000

export type Header = {
  parentHash: Hex
  number: Hex
  stateRoot: Hex
  extrinsicsRoot: Hex
  digest: { logs: readonly Hex[] }
}

export function headerOf(block: RecordedBlock): Header {
  const { parentHash, number, stateRoot, extrinsicsRoot, digest } = block
  return {
    parentHash,
    number: `0x${number.toString(16)}`,
    stateRoot,
    extrinsicsRoot,
    digest: { logs: digest.logs },
  }
}

export function buildMethods(node: DevnetNode, limits: NodeLimits): ReadonlyMap<string, Method> {
  const methods: Record<string, Method> = {
    ...chainMethods(node),
    ...stateMethods(node, limits),
    ...systemMethods(node),
  }
  const names = [...Object.keys(methods), ...SUBSCRIPTION_METHODS, 'rpc_methods'].sort()
  methods['rpc_methods'] = () => ({ methods: names })
  return new Map(Object.entries(methods))
}

export function callMethod(
  methods: ReadonlyMap<string, Method>,
  name: string,
  params: readonly unknown[],
): unknown {
  const method = methods.get(name)
  if (method === undefined) throw methodNotFound()
  return method(new Params(params))
}

const SUBSCRIPTION_METHODS = [
  'chain_subscribeNewHeads',
  'chain_subscribeNewHead',
  'chain_subscribeFinalizedHeads',
  'chain_subscribeAllHeads',
  'state_subscribeRuntimeVersion',
  'chain_unsubscribeNewHeads',
  'chain_unsubscribeNewHead',
  'chain_unsubscribeFinalizedHeads',
  'chain_unsubscribeAllHeads',
  'state_unsubscribeRuntimeVersion',
] as const

function chainMethods(node: DevnetNode): Record<string, Method> {
  const blockHash: Method = (params) => {
    if (params.isAbsent(0)) return node.best.block.hash
    const list = params.list(0)
    if (list !== null) return new Params(list).all((p, i) => hashOf(node, p.number(i)))
    return hashOf(node, params.number(0))
  }
  const finalized: Method = () => node.finalized.block.hash
  const find = (params: Params): TreeBlock | undefined => {
    const hash = params.optionalHex(0)
    return hash === null ? node.best : node.tree.get(hash)
  }
  return {
    chain_getBlockHash: blockHash,
    chain_getHead: blockHash,
    chain_getFinalizedHead: finalized,
    chain_getFinalisedHead: finalized,
    chain_getHeader: (params) => {
      const found = find(params)
      return found === undefined ? null : headerOf(found.block)
    },
    chain_getBlock: (params) => {
      const found = find(params)
      if (found === undefined) return null
      const { extrinsics } = found.block
      return { block: { header: headerOf(found.block), extrinsics }, justifications: null }
    },
    chainSpec_v1_genesisHash: () => node.genesis.block.hash,
    chainSpec_v1_chainName: () => node.recording.name,
    chainSpec_v1_properties: () => node.recording.properties,
  }
}

function hashOf(node: DevnetNode, height: number): Hex | null {
  return node.tree.ancestor(node.best, height)?.block.hash ?? null
}

/** twox128("AutoId"): begins every key of the pallet. */
const REGISTRY = AUTO_IDS_PREFIX.slice(0, 34)

function stateMethods(node: DevnetNode, limits: NodeLimits): Record<string, Method> {
  const stateAt = (params: Params, index: number): TreeBlock => {
    const hash = params.optionalHex(index)
    const at = hash === null ? node.best : node.tree.get(hash)
    if (at === undefined) throw unknownBlock(hash ?? '')
    if (at.block.number < limits.prunedBelow) throw discardedState(at.block.hash)
    return at
  }
  /** An unknown registry is not an empty one. */
  const valuesAt = (params: Params, index: number, keys: readonly Hex[]): TreeBlock => {
    const at = stateAt(params, index)
    const isKnown = node.recording.hasRegistryState !== false || at === node.genesis
    if (!isKnown && keys.some(mayBeOfRegistry)) throw discardedState(at.block.hash)
    return at
  }
  const storage: Method = (params) => {
    const key = params.hex(0)
    return node.tree.valueAt(valuesAt(params, 1, [key]), key)
  }
  const runtimeVersion: Method = (params) => runtimeVersionAt(node, stateAt(params, 0))
  const keysPaged: Method = (params) => {
    const count = params.number(1)
    if (count > KEYS_PAGE_LIMIT) throw invalidParams(`count exceeds maximum ${KEYS_PAGE_LIMIT}`)
    const prefix = params.optionalHex(0) ?? '0x'
    return node.tree.keysAt(valuesAt(params, 3, [prefix]), prefix, count, params.optionalHex(2))
  }
  return {
    state_getStorage: storage,
    state_getStorageAt: storage,
    state_getStorageHash: (params) => {
      const value = storage(params) as Hex | null
      return value === null ? null : toHex(blake2b256(fromHex(value)))
    },
    state_getStorageSize: (params) => {
      const value = storage(params) as Hex | null
      return value === null ? null : value.length / 2 - 1
    },
    state_queryStorageAt: (params) => {
      const keys = params.hexList(0)
      const at = valuesAt(params, 1, keys)
      const changes = keys.map((key) => [key, node.tree.valueAt(at, key)])
      return [{ block: at.block.hash, changes }]
    },
    state_getKeysPaged: keysPaged,
    state_getKeysPagedAt: keysPaged,
    state_getMetadata: (params) => node.runtimeAt(stateAt(params, 0)).metadata,
    state_getRuntimeVersion: runtimeVersion,
    chain_getRuntimeVersion: runtimeVersion,
    state_getReadProof: (params) => {
      const keys = params.hexList(0)
      return readProof(node, keys, valuesAt(params, 1, keys))
    },
  }
}

/** A key of the pallet, or a prefix that keys of it begin with. */
function mayBeOfRegistry(key: Hex): boolean {
  return key.startsWith(REGISTRY) || REGISTRY.startsWith(key)
}

/** Internal name of the state layout rule: `stateVersion` in the answer, which older nodes leave out. */
export function runtimeVersionAt(node: DevnetNode, at: TreeBlock): Record<string, unknown> {
  return node.runtimeAt(at).version
}

function readProof(node: DevnetNode, keys: readonly Hex[], at: TreeBlock): unknown {
  const present = node.tree.keysAt(at, '0x', Number.MAX_SAFE_INTEGER, null)
  const entries = present.map(
    (key) => [fromHex(key), fromHex(node.tree.valueAt(at, key) ?? '0x')] as const,
  )
  const layout = Number(runtimeVersionAt(node, at)['stateVersion'] ?? 0) > 0 ? 'V1' : 'V0'
  const proof = new Trie(entries, layout).proof(keys.map(fromHex)).map(toHex)
  return { at: at.block.hash, proof }
}

function systemMethods(node: DevnetNode): Record<string, Method> {
  const { name, properties } = node.recording
  return {
    system_chain: () => name,
    system_name: () => 'auto-registry devnet',
    system_version: () => '1.0.0',
    system_chainType: () => 'Development',
    system_properties: () => properties,
    system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    system_syncState: () => ({
      startingBlock: 0,
      currentBlock: node.best.block.number,
      highestBlock: node.best.block.number,
    }),
    system_localListenAddresses: () => [],
    system_nodeRoles: () => ['Full'],
    system_peers: () => [],
  }
}
