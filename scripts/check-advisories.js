// Known vulnerabilities of high or critical severity in what is distributed fail the run. Only a service that does not
// answer lets it pass, and then it says so: an answer that cannot be read is no clean one.
const { spawnSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { shippedPackages } = require('./shipped-packages')

const recorded = process.argv[2]
const { ok, said } = judge(recorded === undefined ? askNpm() : readFileSync(recorded, 'utf8'))
if (ok) console.log(`advisories: ${said}`)
else console.error(`advisories: ${said}`)
process.exit(ok ? 0 : 1)

function askNpm() {
  const patience = ['--fetch-retries', '1', '--fetch-timeout', '60000']
  const { error, stdout } = spawnSync('npm', ['audit', '--json', ...patience], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (error !== undefined) throw error
  return stdout
}

function judge(text) {
  const answer = parse(text)
  const found = answer?.metadata?.vulnerabilities
  const isReport = Number.isInteger(found?.high) && Number.isInteger(found?.critical)
  if (isReport && answer.error === undefined) {
    return judgeReport(Object.values(answer.vulnerabilities ?? {}), found)
  }
  // npm writes so what came of the request itself; its other errors have a code or a summary and no message.
  if (typeof answer?.message === 'string' && answer.error?.summary === '') {
    return { ok: true, said: `NOT CHECKED, the service does not answer: ${answer.message}` }
  }
  const reason = answer?.error?.summary || String(text).slice(0, 200)
  return { ok: false, said: `no answer that can be read: ${reason}` }
}

function judgeReport(findings, { high, critical }) {
  const serious = findings.filter(({ severity }) => ['high', 'critical'].includes(severity))
  if (serious.length !== high + critical) {
    return { ok: false, said: `no answer that can be read: ${high} high, ${critical} critical` }
  }
  const shipped = shippedPackages(path.join(__dirname, '..'))
  const ours = serious.filter(({ nodes }) => nodes?.some((place) => shipped.has(place)) ?? true)
  const beside = serious.length - ours.length
  if (ours.length === 0) {
    return { ok: true, said: `none of high severity in what is distributed (${beside} beside it)` }
  }
  const lines = ours.map(({ name, severity, range, via }) => {
    const causes = via.map((cause) => (typeof cause === 'string' ? cause : cause.url))
    return `  ${name} ${range} (${severity}): ${causes.join(', ')}`
  })
  return { ok: false, said: [`${ours.length} of high severity`, ...lines].join('\n') }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
