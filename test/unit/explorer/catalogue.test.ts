import fs from 'node:fs'
import { buildSchema, isEnumType } from 'graphql'
import { describe, expect, it } from 'vitest'
import catalogue from '../../../src/explorer/text/en.json'

const folder = 'src/explorer'
const schema = buildSchema(fs.readFileSync('api.graphql', 'utf8'))
const texts: Readonly<Record<string, string>> = catalogue

function valuesOf(name: string): string[] {
  const type = schema.getType(name)
  if (!isEnumType(type)) throw new Error(`${name} is no enumeration of the API`)
  return type.getValues().map((value) => value.name)
}

describe('the catalogue', () => {
  it.each([
    ['CheckCode', 'check'],
    ['FindingCode', 'finding'],
    ['AutoIdStatus', 'status'],
    ['EventKind', 'event'],
    ['CallStatus', 'callStatus'],
    ['RegistryCall', 'call'],
    ['Severity', 'severity'],
    ['Continuity', 'continuity'],
    ['SearchKind', 'hit'],
    ['ClaimKind', 'claimKind'],
    ['ClaimOutcome', 'claimOutcome'],
    ['Standing', 'standing'],
  ])('has words for every value of %s', (name, prefix) => {
    const missing = valuesOf(name).filter((value) => texts[`${prefix}.${value}`] === undefined)
    expect(missing).toEqual([])
  })

  it.each([
    ['CheckCode', 'check'],
    ['FindingCode', 'finding'],
  ])('explains every value of %s', (name, prefix) => {
    const missing = valuesOf(name).filter((value) => !texts[`${prefix}.${value}.text`])
    expect(missing).toEqual([])
  })

  it('holds no text that nothing shows', () => {
    const sources = fs
      .readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => /\.(tsx?|html)$/.test(name) && !name.startsWith('gql'))
      .map((name) => fs.readFileSync(`${folder}/${name}`, 'utf8'))
      .join('\n')
    const begins = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map(([, begin]) => begin ?? '')
    const isShown = (key: string) =>
      [key, key.replace(/\.(one|other)$/, '')].some((each) => sources.includes(`'${each}'`)) ||
      sources.includes(`{{${key}}}`) ||
      begins.some((begin) => key.startsWith(begin))
    expect(Object.keys(texts).filter((key) => !isShown(key))).toEqual([])
  })

  it('holds no empty text', () => {
    expect(Object.entries(texts).filter(([, text]) => text.trim() === '')).toEqual([])
  })
})
