/** Encoded calls, events and extrinsics for tests, by name, under any runtime. */

import { concatBytes, fromHex, type Hex } from '../../src/bytes'
import type { PalletVariants, Runtime } from '../../src/chain/runtime'
import { encodeCompact } from '../../src/proof/compact'

export const SIGNER = `0x${'d0'.repeat(32)}`

function indexes(pallets: readonly (PalletVariants | undefined)[], name: string): Uint8Array {
  const [pallet, variant] = name.split('.')
  const palletIndex = pallets.findIndex((each) => each?.pallet === pallet)
  const variants = pallets[palletIndex]?.variants ?? []
  const variantIndex = variants.findIndex((each) => each?.name === variant)
  if (palletIndex < 0 || variantIndex < 0) throw new Error(`no ${name}`)
  return Uint8Array.of(palletIndex, variantIndex)
}

export function vector(items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(encodeCompact(items.length), ...items)
}

export function bytes(value: Uint8Array): Uint8Array {
  return concatBytes(encodeCompact(value.length), value)
}

export class CallBytes {
  constructor(readonly runtime: Runtime) {}

  call(name: string, ...args: Uint8Array[]): Uint8Array {
    return concatBytes(indexes(this.runtime.calls, name), ...args)
  }

  /** batch, batch_all or force_batch. */
  batch(kind: string, items: readonly Uint8Array[]): Uint8Array {
    return this.call(`Utility.${kind}`, vector(items))
  }

  deactivate(autoId: Hex): Uint8Array {
    return this.call(
      'AutoId.deactivate_auto_id',
      fromHex(autoId),
      bytes(ALGORITHM),
      bytes(SIGNATURE),
    )
  }

  remark(text: string): Uint8Array {
    return this.call('System.remark_with_event', bytes(Buffer.from(text)))
  }

  /** With its length prefix, format 4, signed by {@link SIGNER}. */
  signed(call: Uint8Array): Uint8Array {
    const signature = concatBytes(Uint8Array.of(1), new Uint8Array(64))
    return bytes(concatBytes(Uint8Array.of(0x84, 0), fromHex(SIGNER), signature, EXTENSIONS, call))
  }

  bare(version: 4 | 5, call: Uint8Array): Uint8Array {
    return bytes(concatBytes(Uint8Array.of(version), call))
  }

  /** Format 5 with extensions, as cross-domain messages come. */
  general(call: Uint8Array): Uint8Array {
    return bytes(concatBytes(Uint8Array.of(0x45, 0), EXTENSIONS, call))
  }

  event(name: string, ...args: Uint8Array[]): Uint8Array {
    return concatBytes(indexes(this.runtime.events, name), ...args)
  }

  /** `DispatchError` by the name a failed call is shown with. */
  dispatchError(name: string): Uint8Array {
    const plain = PLAIN_ERRORS[name]
    if (plain !== undefined) return plain
    const [palletName] = name.split('.')
    const pallet = this.runtime.calls.findIndex((each) => each?.pallet === palletName)
    for (let error = 0; error < 64; error++) {
      const isIt = pallet >= 0 && this.runtime.moduleError(pallet, error) === name
      if (isIt) return Uint8Array.of(3, pallet, error, 0, 0, 0)
    }
    throw new Error(`no error ${name}`)
  }

  /** `Vec<EventRecord>` of events of one extrinsic; undefined: outside any. */
  records(extrinsicIndex: number | undefined, events: readonly Uint8Array[]): Uint8Array {
    const phase =
      extrinsicIndex === undefined ? Uint8Array.of(2) : Uint8Array.of(0, extrinsicIndex, 0, 0, 0)
    return vector(events.map((event) => concatBytes(phase, event, Uint8Array.of(0))))
  }
}

const ALGORITHM = fromHex('0x300506032b6570')
const SIGNATURE = new Uint8Array(64).fill(7)
/** Immortal era, nonce 0, no tip: what the dev chain's extensions encode to. */
const EXTENSIONS = Uint8Array.of(0, 0, 0)

const PLAIN_ERRORS: Readonly<Record<string, Uint8Array>> = {
  Other: Uint8Array.of(0),
  BadOrigin: Uint8Array.of(2),
  'Token.FundsUnavailable': Uint8Array.of(7, 0),
}

/** `DispatchInfo` of an ordinary call. */
export const DISPATCH_INFO = Uint8Array.of(0, 0, 0, 0)
/** `DispatchError::BadOrigin`. */
export const BAD_ORIGIN = Uint8Array.of(2)
