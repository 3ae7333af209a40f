/** Typed reading of positional JSON-RPC parameters, refusing what a node would refuse. */

import type { Hex } from '../bytes'
import { isHex } from '../bytes'
import { invalidParams } from './rpc-error'

export class Params {
  constructor(private readonly values: readonly unknown[]) {}

  hex(index: number): Hex {
    const value = this.values[index]
    if (typeof value !== 'string' || !isHex(value)) {
      throw invalidParams(`parameter ${index}: hexadecimal text with 0x expected`)
    }
    return value.toLowerCase()
  }

  optionalHex(index: number): Hex | null {
    return this.isAbsent(index) ? null : this.hex(index)
  }

  hexList(index: number): Hex[] {
    const value = this.values[index]
    if (!Array.isArray(value)) throw invalidParams(`parameter ${index}: a list expected`)
    return new Params(value).all((list, i) => list.hex(i))
  }

  /** A JSON number or `0x` hex text, as `NumberOrHex`. */
  number(index: number): number {
    const value = this.values[index]
    const number = typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      throw invalidParams(`parameter ${index}: a block number expected`)
    }
    return number
  }

  list(index: number): readonly unknown[] | null {
    const value = this.values[index]
    return Array.isArray(value) ? value : null
  }

  raw(index: number): unknown {
    return this.values[index]
  }

  isAbsent(index: number): boolean {
    return this.values[index] === undefined || this.values[index] === null
  }

  all<T>(read: (params: Params, index: number) => T): T[] {
    return this.values.map((_, index) => read(this, index))
  }
}
