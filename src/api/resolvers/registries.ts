/** The registries of this deployment. */

import { Ctx, Query, Resolver } from 'type-graphql'
import type { ApiContext } from '../context'
import { ServedRegistry } from '../types/registry'

@Resolver(() => ServedRegistry)
export class RegistriesResolver {
  @Query(() => [ServedRegistry], {
    description:
      'All registries of this deployment, the first one first. Each answers for itself alone.',
  })
  registries(@Ctx() { registries, registry }: ApiContext): ServedRegistry[] {
    return registries.map((link) => ({ ...link, current: link.name === registry }))
  }
}
