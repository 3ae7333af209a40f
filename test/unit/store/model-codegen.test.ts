import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

const contents = (dir: string) =>
  Object.fromEntries(readdirSync(dir).map((f) => [f, readFileSync(path.join(dir, f), 'utf8')]))

test('src/model is what schema.graphql generates (after a change: npm run codegen)', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'model-codegen-test-'))
  try {
    copyFileSync('schema.graphql', path.join(dir, 'schema.graphql'))
    const codegen = require.resolve('@subsquid/typeorm-codegen/bin/run.js')
    execFileSync(process.execPath, [codegen], { cwd: dir })
    expect(contents('src/model/generated')).toEqual(contents(path.join(dir, 'src/model/generated')))
    expect(readdirSync('src/model').sort()).toEqual(readdirSync(path.join(dir, 'src/model')).sort())
  } finally {
    rmSync(dir, { recursive: true })
  }
})
