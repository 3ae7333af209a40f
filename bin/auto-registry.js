#!/usr/bin/env node
'use strict'

// The command. Plain JavaScript, so that it runs before anything is built: it builds `lib/` (and the explorer) when they
// are missing or older than their sources, then hands over to lib/cli. A published package has no src/ and builds nothing.

const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.resolve(__dirname, '..')
const inRoot = (...parts) => path.join(root, ...parts)

const builds = [
  {
    name: 'service',
    sources: ['src', 'tsconfig.json', 'package-lock.json'],
    without: inRoot('src', 'explorer'),
    stamp: inRoot('lib', '.built'),
    tool: ['typescript', 'bin/tsc'],
    // Types are checked by `npm run check`, not at every start.
    args: ['-p', root, '--noCheck'],
  },
  {
    name: 'explorer',
    only: ['start', 'api', 'build'],
    sources: ['src/explorer', 'package-lock.json'],
    stamp: inRoot('dist', 'explorer', '.built'),
    tool: ['vite', 'bin/vite.js'],
    args: ['build', '--config', inRoot('src', 'explorer', 'vite.config.ts'), '--logLevel', 'warn'],
  },
]

main().catch((error) => {
  process.stderr.write(`auto-registry: ${error.message}\n`)
  process.exitCode = 1
})

async function main() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) throw new Error(`Node 20.19 or newer is needed, this is ${process.version}`)
  const command = process.argv[2] ?? ''
  for (const build of builds) {
    if (build.only === undefined || build.only.includes(command)) await buildWhenStale(build)
  }
  if (command === 'build') return
  require(inRoot('lib', 'cli', 'index.js'))
}

async function buildWhenStale(build) {
  if (!isStale(build)) return
  const unlock = await takeTurn()
  try {
    if (isStale(build)) await run(build)
  } catch (error) {
    // Answers matter more than pages: the API runs without the explorer.
    if (build.name !== 'explorer' || process.argv[2] === 'build') throw error
    process.stderr.write(`auto-registry: no explorer: ${error.message.split('\n')[0]}\n`)
  } finally {
    unlock()
  }
}

function isStale({ sources, without, stamp }) {
  if (!fs.existsSync(inRoot('src'))) return false
  const built = mtime(stamp)
  return built === 0 || sources.some((source) => newest(inRoot(source), without) > built)
}

function newest(file, without) {
  if (file === without || !fs.existsSync(file)) return 0
  if (!fs.statSync(file).isDirectory()) return mtime(file)
  const inside = fs.readdirSync(file).map((name) => newest(path.join(file, name), without))
  return Math.max(0, ...inside)
}

function mtime(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

async function run({ name, stamp, tool, args }) {
  const [program, script] = tool
  const manifest = resolveTool(`${program}/package.json`)
  if (manifest === null) {
    throw new Error(`the ${name} is not built and ${program} is not installed: run npm ci`)
  }
  const startedAt = Date.now()
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`
  process.stderr.write(`building the ${name} ...`)
  const dots = setInterval(() => process.stderr.write('.'), 1000)
  const { code, output } = await execute(path.join(path.dirname(manifest), script), args)
  clearInterval(dots)
  process.stderr.write(code === 0 ? ` ${seconds()}\n` : ` failed after ${seconds()}\n`)
  if (code !== 0) throw new Error(`building the ${name} failed:\n${output.trim()}`)
  fs.mkdirSync(path.dirname(stamp), { recursive: true })
  // Sources changed while the tool ran are newer than this.
  fs.writeFileSync(stamp, '')
  fs.utimesSync(stamp, startedAt / 1000, startedAt / 1000)
}

function resolveTool(name) {
  try {
    return require.resolve(name, { paths: [root] })
  } catch {
    return null
  }
}

function execute(script, args) {
  return new Promise((resolve, reject) => {
    // Whoever builds, a test runner too: React's development half is slow, and half as large again.
    const env = { ...process.env, NODE_ENV: 'production' }
    const child = spawn(process.execPath, [script, ...args], { cwd: root, env })
    let output = ''
    const collect = (chunk) => {
      output += chunk
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Two parts started at once must not write the same files: a directory is a lock, void when its owner is gone. */
async function takeTurn() {
  const lock = inRoot('.build-lock')
  const owner = path.join(lock, 'pid')
  for (;;) {
    try {
      fs.mkdirSync(lock)
      fs.writeFileSync(owner, String(process.pid))
      return () => fs.rmSync(lock, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (Date.now() - mtime(lock) > 2000 && !isAlive(owner)) {
      fs.rmSync(lock, { recursive: true, force: true })
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function isAlive(owner) {
  try {
    process.kill(Number(fs.readFileSync(owner, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
