import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DefinitionNode, type DocumentNode, Kind } from 'graphql'
import { formatDocument, stringifyDocument } from 'urql'
import { afterAll, describe, expect, it } from 'vitest'
import { loadTrustedDocuments } from '../../../src/api/trusted-documents'
import * as generated from '../../../src/explorer/gql/graphql'

const FILE = path.resolve('src/explorer/public/documents.json')
const folder = mkdtempSync(path.join(tmpdir(), 'documents-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As the client's exchanges write them: the cache's adds `__typename`, and leaves subscriptions alone. */
const sent = Object.values(generated as Readonly<Record<string, DocumentNode>>)
  .filter((document) => document.definitions.some(isOperation))
  .map((document) =>
    document.definitions.some(isSubscription)
      ? stringifyDocument(document)
      : stringifyDocument(formatDocument(document) as DocumentNode),
  )

function isOperation({ kind }: { readonly kind: string }): boolean {
  return kind === Kind.OPERATION_DEFINITION
}

function isSubscription(definition: DefinitionNode): boolean {
  return 'operation' in definition && definition.operation === 'subscription'
}

describe('src/explorer/public/documents.json', () => {
  // After a change: npx vitest run test/unit/explorer/sent-documents.test.ts -u
  it('holds every document as the pages send it, by its SHA-256', async () => {
    const entries = sent.map((text) => [createHash('sha256').update(text).digest('hex'), text])
    const sorted = entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
    expect(sorted.length).toBeGreaterThan(10)
    const text = `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`
    await expect(text).toMatchFileSnapshot(FILE)
  })

  it('is trusted beside the documents of an operator, and nothing else is', () => {
    const operators = path.join(folder, 'mine.json')
    writeFileSync(operators, JSON.stringify({ version: '{ status { version } }' }))
    const { byId, idOf } = loadTrustedDocuments(operators, FILE)
    expect(byId.get('version')).toBe('{ status { version } }')
    for (const text of sent) expect(byId.get(idOf(text) ?? '')).toBe(text)
    expect(idOf('{ status { subscribers } }')).toBeUndefined()
    const without = loadTrustedDocuments(operators)
    expect(without.idOf(sent[0] ?? '')).toBeUndefined()
  })
})
