// Compiles the benchmarks (types are `npm run check`'s business) beside the sources (a folder of its own, never lib/) and runs them.
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const tsc = require.resolve('typescript/bin/tsc')
const built = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.bench.json', '--noCheck'], {
  cwd: root,
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(built.status ?? 1)
// What the sources look for beside themselves.
for (const name of ['bin', 'chains', 'db', 'package.json']) {
  const link = path.join(root, '.bench', name)
  if (!fs.existsSync(link)) fs.symlinkSync(path.join(root, name), link, 'junction')
}
const entry = path.join(root, '.bench', 'test', 'bench', 'main.js')
const run = spawnSync(process.execPath, [entry, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(run.status ?? 1)
