import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allSettings, parseConfig } from '../../src/config'

const squid = readFileSync('squid.yaml', 'utf8')
const compose = readFileSync('docker-compose.yml', 'utf8')
const { commands } = JSON.parse(readFileSync('commands.json', 'utf8')) as {
  commands: Record<string, { cmd: string[]; deps?: string[] }>
}
const { scripts, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>
  bin: Record<string, string>
}
const settingNames = new Set(Object.values(allSettings).map(({ name }) => name))
/** What the CLI's help lists, and what its entry does before there is a CLI. */
const cliCommands = [
  ...[...readFileSync('src/cli/index.ts', 'utf8').matchAll(/^ {2}'?([a-z-]+)'?: ['"]/gm)].map(
    ([, name]) => name,
  ),
  'build',
]

/** A block of YAML below the line `key:`, by indentation. */
function below(text: string, key: string): string {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.trim() === `${key}:`)
  const depth = lines[start]?.search(/\S/) ?? 0
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.trim() !== '' && line.search(/\S/) <= depth)
  return rest.slice(0, end < 0 ? rest.length : end).join('\n')
}

/** Pairs of upper case names and their values. */
function variables(text: string): Record<string, string> {
  const pairs = text.matchAll(/^\s+([A-Z][A-Z_]+): (.+)$/gm)
  return Object.fromEntries([...pairs].map(([, name, value]) => [name as string, value as string]))
}

const lists = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`${key}: (\\[.+\\])$`, 'gm'))].map(
    ([, list]) => JSON.parse(list as string) as string[],
  )

describe('squid.yaml', () => {
  test('runs commands that the CLI has', () => {
    const cmds = lists(squid, 'cmd')
    expect(cmds.map(([node, file]) => [node, file])).toEqual(
      Array.from({ length: 3 }, () => ['node', bin['auto-registry']]),
    )
    expect(cmds.map(([, , command]) => command)).toEqual(['migrate', 'processor', 'api'])
    for (const [, , command] of cmds) expect(cliCommands).toContain(command)
  })

  // Without them each part starts a database of its own, and follows the sample chain.
  test('gives all parts one database and one node, by settings that exist', () => {
    const shared = variables(below(below(squid, 'deploy'), 'env'))
    expect(Object.keys(shared)).toEqual(['DATABASE_URL', 'RPC_ENDPOINT'])
    for (const name of Object.keys(variables(squid))) expect(settingNames).toContain(name)
  })
})

describe('commands.json', () => {
  test.each(Object.entries(commands))('%s runs what is there', (_, { cmd, deps = [] }) => {
    const [program, first = '', second = ''] = cmd
    if (program === 'npm') expect(scripts).toHaveProperty([first === 'run' ? second : first])
    if (program === 'node' && first === bin['auto-registry']) expect(cliCommands).toContain(second)
    if (program === 'docker') expect(compose).toContain('\nservices:')
    expect(['npm', 'node', 'docker']).toContain(program)
    for (const name of deps) expect(commands).toHaveProperty([name])
  })

  test('generates as package.json does', () => {
    expect(commands['codegen']?.cmd).toEqual(['npm', 'run', 'codegen'])
    expect(scripts['codegen']).toMatch(/squid-typeorm-codegen && graphql-codegen/)
  })
})

describe('docker-compose.yml', () => {
  const parts = ['migrate', 'processor', 'api', 'devnet']

  test.each(parts)('%s runs a command that the CLI has, with settings that exist', (part) => {
    const service = below(compose, part)
    expect(cliCommands).toContain(lists(service, 'command')[0]?.[0])
    for (const name of Object.keys(variables(service))) expect(settingNames).toContain(name)
  })

  // With a default of ten minutes here, `--profile sample` refused every question about now.
  test('leaves MAX_HEAD_AGE that is not given to the chain of the index, and hands on what is given', () => {
    const given = variables(below(compose, 'api'))['MAX_HEAD_AGE'] ?? ''
    const inCompose = (value: string) =>
      given.replace(/\$\{MAX_HEAD_AGE:-(.*)\}/, (_, d) => value || d)
    expect(parseConfig({ MAX_HEAD_AGE: inCompose('') }).maxHeadAgeSeconds).toBeNull()
    expect(parseConfig({ MAX_HEAD_AGE: inCompose('30') }).maxHeadAgeSeconds).toBe(30)
  })

  // Tried with the writer's URL for the API, and with a service of its own without `<<: *service`.
  test('gives the API a login that 10-reader.sh makes for reading, and only the processor and the migration another', () => {
    const userOf = (part: string) =>
      /postgres:\/\/([a-z_]+):/.exec(variables(below(compose, part))['DATABASE_URL'] ?? '')?.[1]
    const script = readFileSync('ops/postgres-init/10-reader.sh', 'utf8')
    expect(script).toContain(`create role ${userOf('api')} login`)
    expect(script).toMatch(/in role auto_registry_reader;$/m)
    expect(userOf('migrate')).toBe('auto_registry')
    expect(below(compose, 'processor')).toContain('DATABASE_URL: *writer')
    expect(userOf('devnet')).toBeUndefined()
  })

  test.each(parts)(
    '%s runs without capabilities, on a file system that cannot be written',
    (part) => {
      expect(below(compose, part)).toMatch(/^ +<<: \*service$/m)
      const shared = below(compose.replace('x-service: &service', 'x-service:'), 'x-service')
      for (const line of [
        'read_only: true',
        'cap_drop: [ALL]',
        'security_opt: ["no-new-privileges:true"]',
      ]) {
        expect(shared).toContain(line)
        expect(below(compose, part)).not.toContain(line.split(':')[0])
      }
    },
  )
})

describe('Dockerfile', () => {
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').filter(Boolean)

  // Data of a database or of the benchmarks, gigabytes of it, went to the engine with each build.
  test('takes nothing that git ignores, and the lock of no build at work', () => {
    const kept = new Set(lines('.dockerignore').map((line) => line.replace(/\/$/, '')))
    expect(
      lines('.gitignore')
        .map((line) => line.replace(/\/$/, ''))
        .filter((name) => !kept.has(name)),
    ).toEqual([])
  })

  test('copies what is there or what the build makes', () => {
    const copied = readFileSync('Dockerfile', 'utf8').matchAll(/^COPY --from=build (.+) \S+$/gm)
    const names = [...copied]
      .flatMap(([, from]) => (from as string).split(' '))
      .map((f) => f.replace('/app/', ''))
    expect(names.length).toBeGreaterThan(8)
    for (const name of names) {
      const isMade = ['lib', 'dist', 'node_modules'].includes(name)
      expect([name, isMade || existsSync(name)]).toEqual([name, true])
    }
  })
})
