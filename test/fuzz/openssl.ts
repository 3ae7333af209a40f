/** The `openssl` command as referee: which serial numbers it reads in a request or a list. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** @throws what OpenSSL says, when it does not read the bytes */
function readBy(args: readonly string[], der: Uint8Array = new Uint8Array(0)): string {
  const { status, stdout, stderr, error } = spawnSync('openssl', args, { input: der })
  if (error) throw error
  if (status !== 0) throw new Error(`refused by OpenSSL: ${String(stderr).slice(0, 300)}`)
  return String(stdout)
}

export function opensslRequestSerials(der: Uint8Array): bigint[] {
  // It opens a path, and our end of its standard input is a socket.
  const folder = mkdtempSync(path.join(tmpdir(), 'auto-registry-test-'))
  try {
    const file = path.join(folder, 'request.der')
    writeFileSync(file, der)
    return serialsIn(readBy(['ocsp', '-reqin', file, '-req_text']))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export function opensslCrlSerials(der: Uint8Array): bigint[] {
  return serialsIn(readBy(['crl', '-inform', 'DER', '-noout', '-text'], der))
}

/** Hex, negative ones with a sign; long ones are broken into lines that end with a backslash. */
function serialsIn(text: string): bigint[] {
  const whole = text.replace(/\\\n\s*/g, '')
  return [...whole.matchAll(/^\s*Serial Number: (-?)([0-9A-F]+)$/gm)].map(([, sign, hex]) =>
    sign === '-' ? -BigInt(`0x${hex}`) : BigInt(`0x${hex}`),
  )
}

/** @throws when the two read different numbers, in whatever order */
export function expectSameSerials(ours: readonly bigint[], theirs: readonly bigint[]): void {
  const text = (serials: readonly bigint[]) => [...new Set(serials.map(String))].sort().join(' ')
  if (text(ours) !== text(theirs)) {
    throw new Error(`serials ${text(ours)}, for OpenSSL ${text(theirs)}`)
  }
}
