/** Bytes within bytes. */

/**
 * Every place where `part` begins in `bytes`, overlapping ones too; `part` is not empty. Knuth, Morris and Pratt: work is
 * the sum of both lengths whatever they hold, where `Buffer.indexOf` takes their product over repeated bytes.
 */
export function findAll(bytes: Uint8Array, part: Uint8Array): number[] {
  const borders = bordersOf(part)
  const found: number[] = []
  let matched = 0
  for (let at = 0; at < bytes.length; at++) {
    while (matched > 0 && bytes[at] !== part[matched]) matched = borders[matched - 1] as number
    if (bytes[at] === part[matched]) matched++
    if (matched === part.length) {
      found.push(at + 1 - matched)
      matched = borders[matched - 1] as number
    }
  }
  return found
}

/** For each beginning of `part`, the length of the longest shorter beginning that it ends with. */
function bordersOf(part: Uint8Array): Int32Array {
  const borders = new Int32Array(part.length)
  let matched = 0
  for (let at = 1; at < part.length; at++) {
    while (matched > 0 && part[at] !== part[matched]) matched = borders[matched - 1] as number
    if (part[at] === part[matched]) matched++
    borders[at] = matched
  }
  return borders
}
