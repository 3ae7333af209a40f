// Compiles the simulation and the fuzzers beside the sources (a folder of its own, never lib/) and runs one of them:
// `node scripts/chaos.js chaos …` or `node scripts/chaos.js fuzz …`. Types are `npm run check`'s business.
const { spawnSync } = require('node:child_process')
const { existsSync, symlinkSync } = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const out = path.join(root, '.bench', 'chaos')
const tsc = require.resolve('typescript/bin/tsc')
const flags = ['-p', 'tsconfig.chaos.json', '--noCheck', '--outDir', out]
const built = spawnSync(process.execPath, [tsc, ...flags], { cwd: root, stdio: 'inherit' })
if (built.status !== 0) process.exit(built.status ?? 1)
// What the sources and the tests find beside themselves.
for (const place of ['db', 'chains', 'package.json', 'test/fixtures']) {
  const link = path.join(out, place)
  if (!existsSync(link)) symlinkSync(path.join(root, place), link)
}
const [what = 'chaos', ...args] = process.argv.slice(2)
const entry = path.join(out, 'test', what, 'main.js')
const run = spawnSync(process.execPath, [entry, ...args], { cwd: root, stdio: 'inherit' })
process.exit(run.status ?? 1)
