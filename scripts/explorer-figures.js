// Measures the explorer's pages as Lighthouse does (first and largest contentful paint, total blocking time, layout shift, bytes) and
// writes the table of docs/explorer.md: `npm run figures [-- --runs N] [-- --print]`. It starts the service on the sample
// chain by itself and needs Debian's Chromium. Times depend on what else the machine does: its load stands beside them.
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { chromium } = require('playwright-core')

const root = path.join(__dirname, '..')
const docs = path.join(root, 'docs', 'explorer.md')
const story = JSON.parse(fs.readFileSync(path.join(root, 'chains', 'dev', 'story.json'), 'utf8'))
/** The sample chain has come to its end: nothing moves the pages any more. */
const LAST_HEIGHT = 282
const START_MS = 300_000
/** After the last grey place is gone: late tasks and shifts count, too. */
const SETTLE_MS = 2_000

const devices = {
  desktop: { width: 1440, height: 900 },
  /** Lighthouse's phone: a slow 4G, and a processor of a quarter of the speed. */
  phone: { width: 375, height: 812, slowdown: 4, latencyMs: 150, kbit: 1_638 },
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
})

async function main() {
  const options = { runs: { type: 'string', default: '3' }, print: { type: 'boolean' } }
  const { values } = parseArgs({ options })
  const loadBefore = os.loadavg()[0] ?? 0
  const service = await startService()
  try {
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: ['--no-sandbox'],
    })
    const rows = await measureAll(browser, service.url, Number(values.runs))
    const text = render(rows, Number(values.runs), browser.version(), loadBefore)
    await browser.close()
    if (values.print) process.stdout.write(`${text}\n`)
    else writeDocs(text)
  } finally {
    await service.close()
  }
}

function findChromium() {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) =>
    fs.existsSync(file),
  )
  if (found === undefined) throw new Error('Chromium is missing: apt-get install chromium')
  return found
}

async function startService() {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'explorer-figures-'))
  const port = await freePort()
  const env = { ...process.env, PORT: String(port), DATA_DIR: dataDir, SAMPLE_BLOCK_TIME: '100' }
  const command = path.join(root, 'bin', 'auto-registry.js')
  const child = spawn(process.execPath, [command, 'start'], { cwd: root, env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const close = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await ended
    }
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline && child.exitCode === null) {
    const { status } = await ask(url, '{ status { head { height } } }').catch(() => ({}))
    if (status?.head.height >= LAST_HEIGHT) return { url, close }
    await sleep(500)
  }
  await close()
  throw new Error('the service did not index the sample chain')
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function ask(url, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()).data
}

async function pagesOf(url) {
  const { autoId, events } = await ask(
    url,
    `query ($id: ID!) {
      autoId(id: $id) { certificate { tbsFingerprint } }
      events(filter: { fromBlock: 62, toBlock: 62 }, first: 1) { nodes { extrinsicHash } }
    }`,
    { id: story.agent },
  )
  return {
    '/': '/',
    '/autoids': '/autoids',
    '/autoid/{id}': `/autoid/${story.agent}`,
    '/autoid/{id}?view=issuer': `/autoid/${story.person}?view=issuer`,
    '/certificate/{fingerprint}': `/certificate/${autoId.certificate.tbsFingerprint}`,
    '/verify?subject={id}': `/verify?subject=${story.agent}`,
    '/events': '/events',
    '/failed': '/failed',
    '/block/{height}': '/block/62',
    '/extrinsic/{hash}': `/extrinsic/${events.nodes[0].extrinsicHash}`,
    '/provenance': '/provenance',
    '/token': '/token',
    '/preflight': '/preflight',
  }
}

async function measureAll(browser, url, runs) {
  const rows = []
  for (const [name, to] of Object.entries(await pagesOf(url))) {
    for (const [device, look] of Object.entries(devices)) {
      const loads = []
      for (let run = 0; run < runs; run += 1) loads.push(await measure(browser, url + to, look))
      rows.push({ name, device, ...medians(loads) })
      process.stderr.write('.')
    }
  }
  process.stderr.write('\n')
  return rows
}

/** One load with nothing cached. */
async function measure(browser, url, { width, height, slowdown, latencyMs, kbit }) {
  const context = await browser.newContext({ viewport: { width, height } })
  const page = await context.newPage()
  if (slowdown !== undefined) {
    const session = await context.newCDPSession(page)
    const bytes = (kbit * 1024) / 8
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: latencyMs,
      downloadThroughput: bytes,
      uploadThroughput: bytes,
    })
  }
  await page.addInitScript(watch)
  await page.goto(url)
  await page.locator('h1').waitFor()
  await page.waitForFunction(() => document.querySelector('.skeleton') === null)
  await page.waitForTimeout(SETTLE_MS)
  const measured = await page.evaluate(read)
  await context.close()
  return measured
}

/** In the page: what is reported while it loads. */
function watch() {
  const seen = { largest: 0, shift: 0, tasks: [] }
  window.seen = seen
  const on = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
    })
  on('largest-contentful-paint', (entry) => {
    seen.largest = entry.startTime
  })
  on('layout-shift', (entry) => {
    if (!entry.hadRecentInput) seen.shift += entry.value
  })
  on('longtask', ({ startTime, duration }) => seen.tasks.push({ startTime, duration }))
}

/** In the page: milliseconds and bytes. A task blocks for what it takes beyond 50 ms, from the first paint on. */
function read() {
  const { largest, shift, tasks } = window.seen
  const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0
  const blocking = tasks
    .filter((task) => task.startTime + task.duration > first)
    .reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0)
  const loaded = performance
    .getEntries()
    .filter((entry) => entry instanceof PerformanceResourceTiming)
  const size = (entries) => entries.reduce((sum, entry) => sum + entry.encodedBodySize, 0)
  const isAnswer = ({ name }) => name.endsWith('/graphql')
  return {
    first,
    largest,
    blocking,
    shift,
    files: size(loaded.filter((entry) => !isAnswer(entry))),
    answers: size(loaded.filter(isAnswer)),
  }
}

function medians(loads) {
  const names = Object.keys(loads[0])
  return Object.fromEntries(
    names.map((name) => {
      const sorted = loads.map((load) => load[name]).sort((a, b) => a - b)
      return [name, sorted[Math.floor(sorted.length / 2)]]
    }),
  )
}

function render(rows, runs, version, loadBefore) {
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
  const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`
  const load = `${loadBefore.toFixed(1)} before, ${os.loadavg()[0].toFixed(1)} at the end`
  return [
    `Chromium ${version}, ${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} processors, load ${load}; median of ${runs} loads with nothing cached.`,
    '',
    '| page | device | files | answers | first paint | largest paint | blocking | layout shift |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(({ name, device, files, answers, first, largest, blocking, shift }) =>
      [
        `| \`${name}\``,
        device,
        kilobytes(files),
        kilobytes(answers),
        seconds(first),
        seconds(largest),
        seconds(blocking),
        `${shift.toFixed(3)} |`,
      ].join(' | '),
    ),
  ].join('\n')
}

function writeDocs(text) {
  const page = fs.readFileSync(docs, 'utf8')
  const place = /(<!-- figures -->\n)[\s\S]*?(\n<!-- \/figures -->)/
  if (!place.test(page)) throw new Error(`${docs} has no place for figures`)
  fs.writeFileSync(
    docs,
    page.replace(place, (_, begin, end) => `${begin}${text}${end}`),
  )
}
