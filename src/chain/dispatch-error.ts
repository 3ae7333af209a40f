/** `DispatchError` values as one name: `AutoId.InvalidSignature`, `BadOrigin`, `Token.FundsUnavailable`. */

import type { Runtime } from './runtime'
import { ScaleEnum, type ScaleValue } from './scale'

/** `CannotLookup`, `BadOrigin`, `Other` … keep their names; nested kinds (Token, Arithmetic …) are joined with a dot. */
export function dispatchErrorName(error: ScaleValue, runtime: Runtime): string {
  if (!(error instanceof ScaleEnum)) return 'Unreadable'
  if (error.variant === 'Module') return moduleErrorName(error.value, runtime)
  return error.value instanceof ScaleEnum
    ? `${error.variant}.${error.value.variant}`
    : error.variant
}

/** The error of a `Result` value; null for `Ok`. */
export function resultError(result: ScaleValue, runtime: Runtime): string | null {
  if (!(result instanceof ScaleEnum)) return 'Unreadable'
  return result.variant === 'Ok' ? null : dispatchErrorName(result.value, runtime)
}

function moduleErrorName(value: ScaleValue, runtime: Runtime): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'Unreadable'
  const { index, error } = value as { index?: ScaleValue; error?: ScaleValue }
  // Newer runtimes give four bytes, of which the first is the variant; older ones one byte.
  const variant = error instanceof Uint8Array ? error[0] : error
  return typeof index === 'number' && typeof variant === 'number'
    ? runtime.moduleError(index, variant)
    : 'Unreadable'
}
