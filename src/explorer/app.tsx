import { Tooltip } from 'radix-ui'
import { lazy, Suspense } from 'react'
import { Provider } from 'urql'
import { Link, Route, Router, Switch } from 'wouter'
import { base } from './logic/base'
import { client } from './logic/client'
import { HeadProvider } from './logic/head'
import { useMoment } from './logic/moment'
import { t } from './text/text'
import { Boundary } from './ui/boundary'
import { Name } from './ui/name'
import { Page } from './ui/page'
import { Shell } from './ui/shell'
import { Empty, Loading, Skeleton } from './ui/states'

const Dashboard = lazy(() => import('./pages/dashboard'))
const Identities = lazy(() => import('./pages/identities'))
const Identity = lazy(() => import('./pages/identity'))
const Certificate = lazy(() => import('./pages/certificate'))
const Verify = lazy(() => import('./pages/verify'))
const Events = lazy(() => import('./pages/events'))
const FailedCalls = lazy(() => import('./pages/failed-calls'))
const Block = lazy(() => import('./pages/block'))
const Extrinsic = lazy(() => import('./pages/extrinsic'))
const Provenance = lazy(() => import('./pages/provenance'))
const Token = lazy(() => import('./pages/token'))
const Preflight = lazy(() => import('./pages/preflight'))
const Quarantined = lazy(() => import('./pages/quarantined'))

export function App() {
  return (
    <Provider value={client}>
      <HeadProvider>
        <Tooltip.Provider delayDuration={250}>
          <Router base={base}>
            <Shell>
              <Boundary>
                <Suspense fallback={<Waiting />}>
                  <Pages />
                </Suspense>
              </Boundary>
            </Shell>
          </Router>
        </Tooltip.Provider>
      </HeadProvider>
    </Provider>
  )
}

/** Pages about one thing are keyed by it: another identity starts empty, not with the last one's data. */
function Pages() {
  const moment = useMoment()
  if (moment.kind === 'bad') return <Nothing title={t('moment.bad')} hint={moment.given} />
  return (
    <Switch>
      <Route path="/" component={Dashboard} />
      <Route path="/autoids" component={Identities} />
      <Route path="/autoid/:id">{({ id }) => <Identity key={id} id={id.toLowerCase()} />}</Route>
      <Route path="/certificate/:fingerprint">
        {({ fingerprint }) => (
          <Certificate key={fingerprint} fingerprint={fingerprint.toLowerCase()} />
        )}
      </Route>
      <Route path="/verify" component={Verify} />
      <Route path="/events" component={Events} />
      <Route path="/failed" component={FailedCalls} />
      <Route path="/block/:height">{({ height }) => <Block key={height} height={height} />}</Route>
      <Route path="/extrinsic/:hash">
        {({ hash }) => <Extrinsic key={hash} hash={hash.toLowerCase()} />}
      </Route>
      <Route path="/provenance" component={Provenance} />
      <Route path="/token" component={Token} />
      <Route path="/preflight" component={Preflight} />
      <Route path="/quarantined" component={Quarantined} />
      <Route>
        <Nothing title={t('notFound.title')} hint={t('notFound.hint')} />
      </Route>
    </Switch>
  )
}

type NothingProps = { readonly title: string; readonly hint: string }

function Nothing({ title, hint }: NothingProps) {
  return (
    <Page title={title}>
      <div className="card">
        <Empty title={<Name value={hint} />} />
        <p className="row state__ways">
          <Link href="/" className="button button--main">
            {t('nav.dashboard')}
          </Link>
          <Link href="/autoids" className="button">
            {t('nav.autoids')}
          </Link>
        </p>
      </div>
    </Page>
  )
}

const WAITING_HEIGHT = 64

function Waiting() {
  return (
    <Loading>
      <Skeleton lines={8} height={WAITING_HEIGHT} />
    </Loading>
  )
}
