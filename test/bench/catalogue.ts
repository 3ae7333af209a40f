/** What can be measured, under names that stay: a name is a figure's own, and figures beside it have a suffix. */

import type { Measurement } from './measurement'

export type Entry = {
  /** The module that holds the bench. */
  readonly family: 'path' | 'ingest' | 'verify' | 'ocsp'
  readonly bench: string
  /** Every figure one run of the bench gives. */
  readonly measures: readonly string[]
}

const KEYS = ['rsa2048', 'p256', 'ed25519']
/** What the machine could do at best, and what each part took of its processors. */
const BESIDE = [
  'floor',
  ...['processor', 'devnet', 'postgres'].map((part) => `cpu.${part}`),
  ...['signatures', 'certificates', 'copies'].map((part) => `cpu.floor.${part}`),
]
const QUESTIONS = [
  'autoId',
  'certificateChain',
  'revocationStatus',
  'verify',
  'eventsPage',
  'searchName',
  'searchSerial',
]

export const CATALOGUE: readonly Entry[] = [
  {
    family: 'path',
    bench: 'path.validate',
    measures: KEYS.flatMap((key) => [
      `path.${key}.parsed`,
      `path.${key}.der`,
      `path.${key}.der.openssl`,
    ]),
  },
  entry('ingest', 'ingest.decode'),
  { family: 'ingest', bench: 'ingest.near', measures: ['ingest.near.http', 'ingest.near.ws'] },
  { family: 'ingest', bench: 'ingest.far', measures: ['ingest.far.http', 'ingest.far.ws'] },
  entry('ingest', 'ingest.processor'),
  entry('ingest', 'ingest.empty', ...BESIDE),
  entry('ingest', 'ingest.busy', ...BESIDE),
  {
    family: 'ingest',
    bench: 'ingest.growth',
    measures: ['time', 'rss', 'last-tenth', 'last-tenth.cpu'].map(
      (part) => `ingest.growth.${part}`,
    ),
  },
  entry('verify', 'verify.cold', 'span', 'path3', 'path3.span'),
  entry('verify', 'verify.warm', 'cpu'),
  {
    family: 'verify',
    bench: 'verify.answers',
    measures: QUESTIONS.flatMap((name) =>
      ['p50', 'p99'].map((at) => `verify.answers.${name}.${at}`),
    ),
  },
  {
    family: 'ocsp',
    bench: 'ocsp.revocation',
    measures: ['ocsp.get', 'ocsp.get.openssl', 'ocsp.post', 'status.get'],
  },
]

/** A bench whose first figure has its own name; the others are variants of it. */
function entry(family: Entry['family'], bench: string, ...variants: string[]): Entry {
  return { family, bench, measures: [bench, ...variants.map((variant) => `${bench}.${variant}`)] }
}

/**
 * The benches to run for names of families, benches or figures; a figure's name stands for its variants too.
 * @throws {Error} on a name that none of them has
 */
export function selectBenches(names: readonly string[]): readonly Entry[] {
  const unknown = names.filter((name) => !CATALOGUE.some((each) => isAsked(each, name)))
  if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(', ')}`)
  if (names.length === 0) return CATALOGUE
  return CATALOGUE.filter((each) => names.some((name) => isAsked(each, name)))
}

function isAsked({ family, bench, measures }: Entry, name: string): boolean {
  return name === family || name === bench || measures.some((measure) => isWithin(measure, name))
}

function isWithin(measure: string, name: string): boolean {
  return measure === name || measure.startsWith(`${name}.`)
}

/** Of what a bench measured, the figures that were asked for. @throws {Error} on a figure the catalogue has not */
export function pickMeasurements(
  { family, bench, measures }: Entry,
  names: readonly string[],
  measured: readonly Measurement[],
): readonly Measurement[] {
  const stranger = measured.find(({ name }) => !measures.includes(name))
  if (stranger !== undefined) throw new Error(`${bench} measured ${stranger.name}: not catalogued`)
  const isWhole = names.length === 0 || names.includes(family) || names.includes(bench)
  if (isWhole) return measured
  return measured.filter(({ name }) => names.some((asked) => isWithin(name, asked)))
}
