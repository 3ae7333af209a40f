import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { allSettings, parseConfig, readConfig } from '../../src/config'

const refusal = (env: Record<string, string>, own: string[] = []): string[] => {
  try {
    parseConfig(env, own)
  } catch (error) {
    if (error instanceof Error) return error.message.split('\n')
  }
  return []
}

describe('parseConfig', () => {
  test('gives every default on an empty environment', () => {
    expect(parseConfig({})).toMatchObject({
      rpcEndpoints: [],
      isSampleChain: true,
      databaseUrl: null,
      databaseReadUrls: [],
      port: 4350,
      dataDir: '.data',
      finality: { type: 'NODE' },
      maxHeadAgeSeconds: null,
      responderKey: null,
    })
  })

  test('leaves the head age to the chain of the index, node or none, unless it is given', () => {
    expect(parseConfig({ RPC_ENDPOINT: 'ws://node:9946' }).maxHeadAgeSeconds).toBeNull()
    expect(parseConfig({ MAX_HEAD_AGE: '' }).maxHeadAgeSeconds).toBeNull()
    expect(parseConfig({ MAX_HEAD_AGE: '30' }).maxHeadAgeSeconds).toBe(30)
    expect(
      parseConfig({ RPC_ENDPOINT: 'ws://node:9946', MAX_HEAD_AGE: '0' }).maxHeadAgeSeconds,
    ).toBe(0)
  })

  test('takes several endpoints and replicas, separated by commas', () => {
    const config = parseConfig({
      RPC_ENDPOINT: 'ws://one:9946, https://two.example/rpc',
      DATABASE_READ_URLS: 'postgres://a/x,postgresql://b:5433/y',
    })
    expect(config.rpcEndpoints).toEqual(['ws://one:9946', 'https://two.example/rpc'])
    expect(config.databaseReadUrls).toEqual(['postgres://a/x', 'postgresql://b:5433/y'])
  })

  test('takes an empty value as absent', () => {
    expect(parseConfig({ PORT: '', FINALITY: ' ' })).toMatchObject({ port: 4350 })
  })

  test('reads a confirmation depth', () => {
    expect(parseConfig({ FINALITY: '12' }).finality).toEqual({ type: 'DEPTH', blocks: 12 })
    expect(parseConfig({ FINALITY: 'node' }).finality).toEqual({ type: 'NODE' })
  })

  test('takes a link to the node explorer with a place for the hash, and no other', () => {
    const url = 'https://node.example/#/query/{hash}'
    expect(parseConfig({ NODE_EXPLORER_URL: url }).nodeExplorerUrl).toBe(url)
    expect(parseConfig({}).nodeExplorerUrl).toBeNull()
    for (const given of ['https://node.example/', 'javascript:{hash}', '{hash}']) {
      expect(refusal({ NODE_EXPLORER_URL: given })).toEqual([
        `NODE_EXPLORER_URL is "${given}": expected an http:// or https:// URL with {hash} in it`,
      ])
    }
  })

  test('is frozen', () => {
    expect(Object.isFrozen(parseConfig({}))).toBe(true)
  })

  test.each([
    ['RPC_ENDPOINT', 'node:9946'],
    ['RPC_ENDPOINT', 'ftp://node'],
    ['RPC_ENDPOINT', 'ws://one,,ws://two'],
    ['RPC_BATCH_SIZE', '0'],
    ['DATABASE_URL', 'mysql://a/b'],
    ['DATABASE_URL', 'postgres://host'],
    ['DATABASE_READ_URLS', 'postgres://a/b,nonsense'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80 80'],
    ['FINALITY', 'soon'],
    ['FINALITY', '-3'],
    ['MAX_HEAD_AGE', '1.5'],
    ['LOG_LEVEL', 'loud'],
  ])(
    'refuses %s=%s with one line that names it, what was given and what is expected',
    (name, given) => {
      const lines = refusal({ [name]: given })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(new RegExp(`^${name} is "`))
      expect(lines[0]).toContain(given)
      expect(lines[0]).toContain(': expected ')
    },
  )

  test('reports every bad setting at once', () => {
    const lines = refusal({ PORT: 'x', FINALITY: 'y', RESPONDER_KEY: '/key.pem' })
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['PORT', 'FINALITY', 'RESPONDER_KEY'])
  })

  test('does not print a password', () => {
    const [line] = refusal({ DATABASE_URL: 'mysql://me:hush@host/db' })
    expect(line).toContain('mysql://me:***@host/db')
  })

  test.each(['RPC_ENDPOINTS', 'DATABSE_URL', 'FINALTY', 'data_dir'])(
    'refuses a name in the .env file that is nearly a setting: %s',
    (name) => {
      expect(refusal({ [name]: '1' }, [name])).toEqual([
        expect.stringMatching(new RegExp(`^${name} is not a setting: expected \\w+$`)),
      ])
    },
  )

  test('refuses what carries our prefix, and leaves other names alone', () => {
    expect(refusal({ AUTO_REGISTRY_PORT: '1' })).toHaveLength(1)
    expect(refusal({ AUTO_REGISTRY_COLOUR: '1' })).toEqual([
      'AUTO_REGISTRY_COLOUR is not a setting',
    ])
    expect(refusal({ POSTGRES_PASSWORD: 'x', HOME: '/' }, ['POSTGRES_PASSWORD'])).toEqual([])
  })
})

describe('readConfig', () => {
  test('reads a .env file, and lets the environment win over it', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'config-')), '.env')
    writeFileSync(file, '# ours\nPORT=5000\nFINALITY="7"\n')
    const config = readConfig({ PORT: '6000' }, file)
    expect(config).toMatchObject({ port: 6000, finality: { type: 'DEPTH', blocks: 7 } })
  })
})

describe('settings', () => {
  test('have distinct names, a meaning and a default each', () => {
    const rows = Object.values(allSettings)
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    for (const { meaning, defaultText, expected } of rows) {
      expect([meaning, defaultText, expected].every((t) => t.length > 0)).toBe(true)
    }
  })

  test('stand in .env.example, all of them and no others', () => {
    const shown = readFileSync('.env.example', 'utf8').matchAll(/^# ([A-Z_]+)=/gm)
    const names = Object.values(allSettings).map(({ name }) => name)
    expect([...shown].map(([, name]) => name).sort()).toEqual(names.sort())
  })
})
