import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readRegistries } from '../../src/registries'

const folder = mkdtempSync(path.join(tmpdir(), 'registries-test-'))
const health = { DATABASE_URL: 'postgres://db/health', RPC_ENDPOINT: 'wss://health.example' }

function fileOf(content: unknown): string {
  const file = path.join(folder, 'registries.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const environment = (content: unknown) => ({
  DATABASE_URL: 'postgres://db/main',
  DATABASE_READ_URLS: 'postgres://replica/main',
  RPC_ENDPOINT: 'wss://main.example',
  RESPONDER_KEY: 'main.key.pem',
  RESPONDER_CERT: 'main.pem',
  FINALITY: '12',
  MAX_HEAD_AGE: '60',
  REGISTRIES: fileOf(content),
})

const refusal = (content: unknown): string => {
  try {
    readRegistries(environment(content))
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return ''
}

describe('REGISTRIES', () => {
  test('names none unless it is set', () => {
    expect(readRegistries({ DATABASE_URL: 'postgres://db/main' })).toEqual([])
  })

  test('gives each registry its own databases, nodes and keys, and what is not given as for the first', () => {
    const [one] = readRegistries(
      environment({ health: { ...health, MAX_HEAD_AGE: 30, ASSURANCE_POLICY: 'health.json' } }),
    )
    expect(one?.name).toBe('health')
    expect(one?.config).toMatchObject({
      databaseUrl: 'postgres://db/health',
      databaseReadUrls: [],
      rpcEndpoints: ['wss://health.example'],
      responderKey: null,
      responderCert: null,
      maxHeadAgeSeconds: 30,
      assurancePolicy: 'health.json',
      finality: { type: 'DEPTH', blocks: 12 },
      registries: null,
    })
  })

  test.each([
    ['no file of objects', '[]', 'expected a JSON object'],
    ['no JSON', '{"a": "postgres://u:secret@db/x",}', 'not valid JSON'],
    ['a name that is no path', { 'a/b': health }, 'registry "a/b": expected a name'],
    ['the name of the first', { main: health }, 'registry "main": expected a name'],
    ['no settings', { health: 'postgres://db/health' }, 'expected an object of settings'],
    ['no database', { health: { RPC_ENDPOINT: 'wss://a' } }, 'DATABASE_URL is missing'],
    [
      'no node, which would mean the sample chain',
      { health: { DATABASE_URL: 'postgres://db/h' } },
      'RPC_ENDPOINT is missing',
    ],
    [
      'a setting of the whole process',
      { health: { ...health, PORT: 1 } },
      'PORT is not a setting of a further registry',
    ],
    [
      'a value that cannot be used',
      { health: { ...health, FINALITY: 'soon' } },
      'FINALITY is "soon"',
    ],
  ])('refuses %s, in one line', (_, content, line) => {
    expect(refusal(content)).toContain(line)
    expect(refusal(content)).not.toMatch(/\n|secret/)
  })

  test('refuses two registries in one database, whoever logs in', () => {
    const same = { ...health, DATABASE_URL: 'postgres://other:secret@db/main' }
    expect(refusal({ health: same })).toContain('registries main and health share the database')
    expect(refusal({ health: same })).not.toContain('secret')
    const replica = { ...health, DATABASE_READ_URLS: 'postgres://replica/main' }
    expect(refusal({ health: replica })).toContain('share the database replica/main')
    expect(refusal({ one: health, two: health })).toContain('registries one and two share')
    expect(refusal({ one: health })).toBe('')
  })
})
