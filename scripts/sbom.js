// The bill of materials of what is distributed, in CycloneDX. npm's own `--omit dev` leaves out more than half of the
// production packages (seen with npm 11.19), so the whole list is taken and the lockfile says what ships.
const { execFileSync } = require('node:child_process')
const path = require('node:path')
const { shippedPackages } = require('./shipped-packages')

const root = path.join(__dirname, '..')
const shipped = new Set(
  [...shippedPackages(root)].map(
    ([place, { name, version }]) => `${name ?? place.replace(/^.*node_modules\//, '')}@${version}`,
  ),
)

const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
  cwd: root,
  maxBuffer: 256 * 1024 * 1024,
})
const bom = JSON.parse(text)
const own = bom.metadata.component['bom-ref']
bom.components = bom.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
const kept = new Set([own, ...bom.components.map((component) => component['bom-ref'])])
bom.dependencies = bom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }))
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`)
