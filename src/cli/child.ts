/** A command of ours as a process of its own: started, awaited, started again after a crash, stopped. */

import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { AppError } from '../errors'

/** The child's own line says it all. */
export class SaidByChild extends Error {
  override readonly name = 'SaidByChild'
}

export type Child = {
  /** What the child reported when it was ready. */
  readonly url: string
  /** Asks it to end, and ends it when it does not. */
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

const stopTimeoutMs = 15_000
const maxRestartDelayMs = 60_000

/**
 * Its output goes where ours goes. Once ready it is started again whenever it ends by itself.
 * @throws {SaidByChild} when it ends before it is ready and has said why on stderr; {AppError} when it could not.
 */
export async function startChild(
  command: string,
  environment: Environment,
  flags: readonly string[] = [],
): Promise<Child> {
  let child = spawnCommand(command, environment, flags)
  let stopping = false
  let restarts = 0
  const url = await untilReady(child, command)

  const keepAlive = (current: ChildProcess) =>
    current.once('exit', (code) => {
      if (stopping) return
      const delayMs = Math.min(1_000 * 2 ** restarts++, maxRestartDelayMs)
      process.stderr.write(`${command} ended (${code}): starting it again in ${delayMs / 1000} s\n`)
      setTimeout(() => {
        if (stopping) return
        child = spawnCommand(command, environment, flags)
        child.once('message', () => {
          restarts = 0
        })
        keepAlive(child)
      }, delayMs)
    })
  keepAlive(child)
  return {
    url,
    close: async () => {
      stopping = true
      await end(child)
    },
  }
}

function spawnCommand(
  command: string,
  environment: Environment,
  flags: readonly string[],
): ChildProcess {
  return fork(path.join(__dirname, 'index.js'), [command, ...flags], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

function untilReady(child: ChildProcess, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { ready: string }) => resolve(message.ready))
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 1) reject(new SaidByChild(command))
      const how = signal ?? `code ${code}`
      reject(new AppError('UNAVAILABLE', `the ${command} ended (${how}) before it was ready`))
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  child.kill('SIGTERM')
  await gone
  clearTimeout(timer)
}
