// Every package that is distributed must carry a licence we may distribute with (NOTICE), and @subsquid packages must be
// GPL-3.0-or-later as NOTICE says: a change of either is a decision, not an accident.
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { shippedPackages } = require('./shipped-packages')

const root = process.argv[2] ?? path.join(__dirname, '..')
const allowed =
  /^(MIT|MIT-0|ISC|0BSD|BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Python-2\.0|PostgreSQL|WTFPL)$/
const gpl = /^@subsquid\//

const problems = []
for (const [place, entry] of shippedPackages(root)) {
  const name = place.replace(/^.*node_modules\//, '')
  const licence = licenceOf(place, entry)
  if (licence === null) continue
  const fine = gpl.test(name) ? licence === 'GPL-3.0-or-later' : isAllowed(licence)
  if (!fine) problems.push(`${name}@${entry.version}: ${licence}`)
}
if (problems.length > 0) {
  console.error(`licences that NOTICE does not cover:\n  ${problems.join('\n  ')}`)
  process.exit(1)
}
console.log('licences: all as NOTICE says')

/** Every part of an AND, one part of an OR; with brackets inside, none. */
function isAllowed(licence) {
  const parts = licence.replace(/^\(([^()]*)\)$/, '$1').split(' AND ')
  return parts.every((part) => part.split(' OR ').some((choice) => allowed.test(choice)))
}

function licenceOf(place, entry) {
  if (typeof entry.license === 'string') return entry.license
  try {
    const manifest = JSON.parse(readFileSync(path.join(root, place, 'package.json'), 'utf8'))
    const { license, licenses } = manifest
    return typeof license === 'string' ? license : (license?.type ?? licenses?.[0]?.type ?? 'none')
  } catch {
    // Optional dependencies of other platforms are not installed here.
    return entry.optional ? null : 'not installed'
  }
}
