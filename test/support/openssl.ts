/** Material made by openssl in a directory of its own. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type OpenSsl = {
  /** Words of one call, split at blanks; what it wrote to standard output. @throws when it fails. */
  run(command: string): string
  read(name: string): Uint8Array
  write(name: string, contents: string | Uint8Array): void
  remove(): void
}

export function openSsl(): OpenSsl {
  const directory = mkdtempSync(join(tmpdir(), 'openssl-'))
  return {
    run: (command) =>
      execFileSync('openssl', command.split(' '), {
        cwd: directory,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    read: (name) => new Uint8Array(readFileSync(join(directory, name))),
    write: (name, contents) => writeFileSync(join(directory, name), contents),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
