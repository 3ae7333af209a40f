// What is distributed: production packages, and those that the explorer is bundled from. The latter are dependencies for
// development to npm, since nothing installs them beside the bundle.
const { existsSync, readdirSync, readFileSync } = require('node:fs')
const path = require('node:path')

/** Places of the lockfile (`node_modules/a/node_modules/b`), each with its entry. */
exports.shippedPackages = (root) => {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  const shipped = new Map(
    Object.entries(packages).filter(([place, { dev, link }]) => place !== '' && !dev && !link),
  )
  const waiting = bundledNames(path.join(root, 'src/explorer')).map((name) => ['', name])
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const place = resolve(packages, ...next)
    if (place === null || shipped.has(place)) continue
    const entry = packages[place]
    shipped.set(place, entry)
    for (const name of needs(entry)) waiting.push([place, name])
  }
  return shipped
}

/** They make the bundle, and are not in it. */
const builders = new Set(['codegen.ts', 'vite.config.ts'])

/** Packages that the explorer's sources import; more than its bundle keeps, never fewer. */
function bundledNames(folder) {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true }).filter(
    (file) => /\.(tsx?|css)$/.test(file) && !builders.has(file),
  )
  const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8'))
  const imported = texts.flatMap((text) => [
    ...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"]((?:@[\w.-]+\/)?[\w.-]+)(?=['"/])/g),
  ])
  return [...new Set(imported.map(([, name]) => name))].filter((name) => !name.startsWith('.'))
}

function needs({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  const peers = Object.keys(peerDependencies ?? {})
  return [
    ...Object.keys({ ...dependencies, ...optionalDependencies }),
    ...peers.filter((name) => !peerDependenciesMeta?.[name]?.optional),
  ]
}

/** As Node looks for a package: beside the one that asks, then further out. */
function resolve(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (packages[place] !== undefined) return place
    if (at === '') return null
  }
}
