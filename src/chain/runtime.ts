/** One runtime of the chain, read from its metadata: nothing here is known by index, all by name. */

import {
  decodeMetadata,
  type MetadataV14,
  type PalletMetadataV14,
} from '@subsquid/substrate-runtime/lib/metadata'
import { fromHex, type Hex } from '../bytes'
import { AppError } from '../errors'
import { ScaleDecoder, type ScaleValue } from './scale'
import {
  type ScaleType,
  type TypeId,
  toScaleTypes,
  typesContaining,
  type Variant,
} from './scale-types'

/** Where a block executed by this runtime keeps its events. */
export type EventLayout = 'EVENTS' | 'SEGMENTS'

export type PalletVariants = {
  readonly pallet: string
  readonly variants: readonly (Variant | undefined)[]
}

export class Runtime {
  readonly decoder: ScaleDecoder
  readonly eventLayout: EventLayout
  /** The type `RuntimeCall`, and every type some value of which holds one. */
  readonly callType: TypeId
  readonly typesWithCalls: ReadonlySet<TypeId>
  readonly addressType: TypeId
  readonly signatureType: TypeId
  readonly extensionTypes: readonly TypeId[]
  /** Pallets with calls and with events, by the first byte of an encoded call or event. */
  readonly calls: readonly (PalletVariants | undefined)[]
  readonly events: readonly (PalletVariants | undefined)[]
  private readonly pallets: readonly PalletMetadataV14[]

  /** @throws {AppError} WRONG_CHAIN when the metadata is of another version or has no such parts */
  constructor(
    readonly specName: string,
    readonly specVersion: number,
    metadata: Hex,
  ) {
    const { lookup, pallets, extrinsic } = this.parse(metadata)
    const types = [...lookup.types].sort((a, b) => a.id - b.id).map(({ type }) => type)
    this.pallets = pallets
    this.decoder = new ScaleDecoder(toScaleTypes(types))
    const params = types[extrinsic.type]?.params ?? []
    const param = (name: string): TypeId => {
      const type = params.find((each) => each.name === name)?.type
      if (type === undefined) throw this.unknownShape(`its extrinsic type has no ${name}`)
      return type
    }
    this.callType = param('Call')
    this.addressType = param('Address')
    this.signatureType = param('Signature')
    this.extensionTypes = extrinsic.signedExtensions.map(({ type }) => type)
    this.typesWithCalls = typesContaining(this.decoder.types, this.callType)
    this.calls = this.variantsOf(({ calls }) => calls?.type)
    this.events = this.variantsOf(({ events }) => events?.type)
    this.eventLayout = this.hasStorage('System', 'EventSegments') ? 'SEGMENTS' : 'EVENTS'
  }

  hasPallet(name: string): boolean {
    return this.pallets.some((pallet) => pallet.name === name)
  }

  hasStorage(pallet: string, item: string): boolean {
    return this.storage(pallet, item) !== undefined
  }

  /** Type of a storage item's values; undefined when there is no such item. */
  storageValueType(pallet: string, item: string): TypeId | undefined {
    const entry = this.storage(pallet, item)
    return entry?.type.value
  }

  /** Decoded metadata constant; undefined when there is none. */
  constant(pallet: string, name: string): ScaleValue | undefined {
    const found = this.pallet(pallet)?.constants.find((each) => each.name === name)
    if (found === undefined) return undefined
    // The metadata decoder declares bytes but gives hex text.
    const value: unknown = found.value
    const bytes = typeof value === 'string' ? fromHex(value) : found.value
    return this.decoder.decodeAll(found.type, bytes)
  }

  /** `Pallet.Name` of a module error; by number where the metadata does not name it. */
  moduleError(palletIndex: number, errorIndex: number): string {
    const pallet = this.pallets.find(({ index }) => index === palletIndex)
    if (pallet === undefined) return `Module(${palletIndex}, ${errorIndex})`
    const type = pallet.errors === undefined ? undefined : this.decoder.type(pallet.errors.type)
    const variant = type?.kind === 'ENUM' ? type.variants[errorIndex] : undefined
    return `${pallet.name}.${variant?.name ?? errorIndex}`
  }

  scaleType(id: TypeId): ScaleType {
    return this.decoder.type(id)
  }

  unknownShape(why: string): AppError {
    return new AppError(
      'WRONG_CHAIN',
      `Runtime ${this.specName} ${this.specVersion} is not one this index can read: ${why}.`,
      { specName: this.specName, specVersion: this.specVersion },
    )
  }

  private pallet(name: string): PalletMetadataV14 | undefined {
    return this.pallets.find((pallet) => pallet.name === name)
  }

  private storage(pallet: string, item: string) {
    return this.pallet(pallet)?.storage?.items.find((each) => each.name === item)
  }

  private variantsOf(typeOf: (pallet: PalletMetadataV14) => TypeId | undefined) {
    const byIndex: (PalletVariants | undefined)[] = []
    for (const pallet of this.pallets) {
      const id = typeOf(pallet)
      const type = id === undefined ? undefined : this.decoder.type(id)
      if (type?.kind === 'ENUM') {
        byIndex[pallet.index] = { pallet: pallet.name, variants: type.variants }
      }
    }
    return byIndex
  }

  private parse(hex: Hex): MetadataV14 {
    try {
      const metadata = decodeMetadata(hex)
      if (metadata.__kind === 'V14') return metadata.value
    } catch (cause) {
      throw new AppError(
        'WRONG_CHAIN',
        `Runtime ${this.specName} ${this.specVersion}: its metadata cannot be read. Version 14 is expected.`,
        { specName: this.specName, specVersion: this.specVersion },
        { cause },
      )
    }
    throw this.unknownShape('its metadata is older than version 14')
  }
}
