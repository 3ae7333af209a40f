import { describe, expect, it } from 'vitest'
import { fallen } from '../../bench/baseline'
import { CATALOGUE, pickMeasurements, selectBenches } from '../../bench/catalogue'
import { measurement } from '../../bench/measurement'

const benchesOf = (...names: string[]) => selectBenches(names).map(({ bench }) => bench)
const measuredBy = (bench: string) => {
  const entry = CATALOGUE.find((each) => each.bench === bench)
  if (entry === undefined) throw new Error(bench)
  const measured = entry.measures.map((name) => measurement(name, 6, 'answers/s', 'other', 3))
  return { entry, measured }
}
const namesOf = (bench: string, ...asked: string[]) => {
  const { entry, measured } = measuredBy(bench)
  return pickMeasurements(entry, asked, measured).map(({ name }) => name)
}

describe('selectBenches', () => {
  it.each([
    ['ingest.empty', 'ingest.empty'],
    ['ingest.busy', 'ingest.busy'],
    ['verify.cold', 'verify.cold'],
    ['verify.warm', 'verify.warm'],
    ['ocsp.get', 'ocsp.revocation'],
    ['ocsp.post', 'ocsp.revocation'],
    ['status.get', 'ocsp.revocation'],
    ['path.rsa2048.der', 'path.validate'],
  ])('%s is the name of a figure', (name, bench) => {
    expect(benchesOf(name)).toEqual([bench])
    expect(CATALOGUE.flatMap(({ measures }) => measures)).toContain(name)
  })

  it('takes families, benches and the common part of figures; no name means all', () => {
    expect(benchesOf('ocsp')).toEqual(['ocsp.revocation'])
    expect(benchesOf('path.validate')).toEqual(['path.validate'])
    expect(benchesOf('path.rsa2048')).toEqual(['path.validate'])
    expect(benchesOf('verify.cold.path3', 'ocsp.get')).toEqual(['verify.cold', 'ocsp.revocation'])
    expect(benchesOf()).toEqual(CATALOGUE.map(({ bench }) => bench))
  })

  it.each(['ocsp.ge', 'verify.cold.', 'nothing'])('refuses a name nobody has: %s', (name) => {
    expect(() => selectBenches(['ocsp.get', name])).toThrow(`no benchmark is called ${name}`)
  })

  it('every figure has one name of its own', () => {
    const names = CATALOGUE.flatMap(({ measures }) => measures)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('pickMeasurements', () => {
  it('gives the figure that was asked for with its variants, of a family or bench all', () => {
    expect(namesOf('ocsp.revocation', 'ocsp.get')).toEqual(['ocsp.get', 'ocsp.get.openssl'])
    expect(namesOf('ocsp.revocation', 'status.get')).toEqual(['status.get'])
    expect(namesOf('ocsp.revocation', 'ocsp')).toHaveLength(4)
    expect(namesOf('ocsp.revocation')).toHaveLength(4)
    expect(namesOf('verify.cold', 'verify.cold.path3')).toEqual([
      'verify.cold.path3',
      'verify.cold.path3.span',
    ])
  })

  it('refuses a figure under a name that is not catalogued', () => {
    const { entry } = measuredBy('verify.warm')
    const stranger = measurement('verify.warm: over HTTP', 1, 'answers/s', 'other', 1)
    expect(() => pickMeasurements(entry, [], [stranger])).toThrow('not catalogued')
  })

  it('a figure has the fields of the contract', () => {
    const [first] = measuredBy('verify.warm').measured
    expect(first).toEqual({
      name: 'verify.warm',
      value: 6,
      unit: 'answers/s',
      reference: 'other',
      referenceValue: 3,
      ratio: 2,
    })
  })
})

describe('fallen', () => {
  const rate = (name: string, ratio: number) => measurement(name, ratio, 'answers/s', 'other', 1)
  const baseline = [rate('a', 0.8), rate('b', 0.8)]

  it('names rates whose ratio is below half of the baseline’s, and no others', () => {
    expect(fallen([rate('a', 0.39), rate('b', 0.4)], baseline)).toMatchObject([{ name: 'a' }])
    expect(fallen([rate('a', 5), rate('c', 0.001)], baseline)).toEqual([])
  })

  it('a ratio that is no number has fallen; a time that shrank has not', () => {
    expect(fallen([rate('a', Number.NaN)], baseline)).toHaveLength(1)
    expect(fallen([measurement('a', 0.1, 'ms', 'other', 1)], baseline)).toEqual([])
    const cpu = measurement('a', 0.1, 'verdicts/CPU s', 'other', 1)
    expect(fallen([cpu], baseline)).toEqual([cpu])
  })
})
