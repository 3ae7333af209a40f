/** Processors to be killed: compiled beside the sources, started ahead so that a kill does not wait for the loading. */

import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { Endpoints } from './follow'

/** Root of the compiled sources: where this file was compiled to, or made now from the sources. */
export function compiledRoot(): string {
  const root = path.resolve(__dirname, '..', '..')
  if (__filename.endsWith('.js')) return root
  const out = path.join(root, '.bench', 'chaos')
  const tsc = require.resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.chaos.json', '--noCheck', '--outDir', out], {
    cwd: root,
  })
  // Migrations are found beside the compiled sources.
  const migrations = path.join(out, 'db')
  if (!existsSync(migrations)) symlinkSync(path.join(root, 'db'), migrations)
  return out
}

export class ProcessorChild {
  readonly process: ChildProcess
  error: string | null = null

  constructor(root: string) {
    const entry = path.join(root, 'test', 'chaos', 'processor-child.js')
    this.process = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] })
    this.process.on('message', (message) => {
      this.error = (message as { error: string }).error
    })
  }

  begin(endpoints: Endpoints): void {
    this.process.send(endpoints)
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  /** Kill -9. */
  async kill(): Promise<void> {
    const gone = this.gone()
    this.process.kill('SIGKILL')
    await gone
  }

  async gone(): Promise<void> {
    if (this.isRunning) await once(this.process, 'exit')
  }
}

/** Hands out children, the next one always on its way. */
export class Nursery {
  private next: ProcessorChild

  constructor(private readonly root: string) {
    this.next = new ProcessorChild(root)
  }

  take(): ProcessorChild {
    const taken = this.next
    this.next = new ProcessorChild(this.root)
    return taken
  }

  close(): Promise<void> {
    return this.next.kill()
  }
}
