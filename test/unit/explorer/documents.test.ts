import fs from 'node:fs'
import path from 'node:path'
import { generate } from '@graphql-codegen/cli'
import { describe, expect, it } from 'vitest'
import config from '../../../src/explorer/codegen'

describe('src/explorer/gql', () => {
  it('is what code generation makes of api.graphql and the documents', async () => {
    const files: { filename: string; content: string }[] = await generate(
      { ...config, silent: true },
      false,
    )
    expect(files.length).toBeGreaterThan(2)
    for (const { filename, content } of files) {
      expect(fs.readFileSync(path.resolve(filename), 'utf8'), filename).toBe(content)
    }
  })
})
