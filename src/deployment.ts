/** All registries that one API process answers for, each under its own path with everything of its own. */

import path from 'node:path'
import {
  openRegistry,
  type RegistryOptions,
  type RegistryService,
  type RegistryState,
  type SharedParts,
} from './registry-service'

/** A further registry: named, the rest as for the first. */
export type FurtherRegistry = Omit<RegistryOptions, 'link' | 'dataDir' | 'publicUrl'> & {
  readonly name: string
}

export type Deployment = {
  readonly first: RegistryService
  readonly all: readonly RegistryService[]
  /** Whom a target asks, and for what there: `/r/{name}/x` the named one for `/x`; null for a name nobody has. */
  resolve(target: string): { readonly registry: RegistryService; readonly target: string } | null
  states(): Promise<readonly RegistryState[]>
  close(): Promise<void>
}

/** As `RegistryService` of each. @throws {AppError} as `openRegistry`; nothing stays open then. */
export async function openDeployment(
  firstOptions: Omit<RegistryOptions, 'link'>,
  further: readonly FurtherRegistry[],
  shared: Omit<SharedParts, 'registries'>,
): Promise<Deployment> {
  const { dataDir, publicUrl } = firstOptions
  const options: RegistryOptions[] = [
    { ...firstOptions, link: { name: 'main', path: '/' } },
    ...further.map(({ name, ...rest }) => ({
      ...rest,
      link: { name, path: `/r/${name}/` },
      // A key of its own: what is signed for one registry must not pass for another's, where the same key may issue.
      dataDir: path.join(dataDir, 'registries', name),
      publicUrl,
    })),
  ]
  const registries = options.map(({ link }) => link)
  const all = await openAll(options, { ...shared, registries })
  const [first] = all
  if (first === undefined) throw new Error('no registry')
  const byName = new Map(all.slice(1).map((registry) => [registry.link.name, registry]))
  return {
    first,
    all,
    resolve: (target) => resolve(target, first, byName),
    states: () => Promise.all(all.map((registry) => registry.state())),
    close: () => closeAll(all),
  }
}

async function openAll(
  options: readonly RegistryOptions[],
  shared: SharedParts,
): Promise<readonly RegistryService[]> {
  const opened: RegistryService[] = []
  try {
    for (const one of options) opened.push(await openRegistry(one, shared))
    return opened
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

async function closeAll(registries: readonly RegistryService[]): Promise<void> {
  await Promise.all(registries.map((registry) => registry.close()))
}

/** Never a path of the first registry for a name it does not know: that would be another registry's answer. */
function resolve(
  target: string,
  first: RegistryService,
  byName: ReadonlyMap<string, RegistryService>,
): ReturnType<Deployment['resolve']> {
  const match = /^\/r(?:\/([^/?]*)(\/[^?]*)?)?(\?.*)?$/.exec(target)
  if (match === null) return { registry: first, target }
  const [, name = '', rest = '/', query = ''] = match
  const registry = byName.get(name)
  return registry === undefined ? null : { registry, target: `${rest}${query}` }
}
