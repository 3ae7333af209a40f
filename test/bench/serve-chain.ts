/** The devnet serving a made chain. */

import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

const root = path.join(__dirname, '..', '..')

export type Served = { readonly url: string; readonly node: ChildProcess }

/** A node in a process of its own, as in life. */
export async function serve(chainDir: string): Promise<Served> {
  const args = ['bin/auto-registry.js', 'devnet', '--chain', chainDir, '--port', '0']
  const node = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise<string>((resolve, reject) => {
    node.once('exit', () => reject(new Error('the devnet ended')))
    let said = ''
    node.stdout?.on('data', (chunk) => {
      said += chunk
      const found = /ws:\/\/[\d.:]+/.exec(said)
      if (found !== null) resolve(found[0])
    })
  })
  return { url, node }
}
