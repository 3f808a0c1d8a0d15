/** Lists: the tags of a repository, and the repositories. */

import { jsonResponse } from '../../http/message.ts'
import { nextLink, page, requestedPageSize } from '../../http/paging.ts'
import { RegistryError } from '../../oci/error.ts'
import type { Endpoint } from '../context.ts'

/** Without `n`. */
const DEFAULT_REPOSITORIES = 100

/** Without `n`, too, the response is a page with a link to the next one, as the specification allows. */
export const listTags: Endpoint = async (context) => {
  const { query, config, store } = context
  const { repository, headers } = await context.resolveRepository()
  const max = config.tags.maxtags
  const limit = Math.min(requestedPageSize(query) ?? max, max)
  const after = query.get('last') ?? undefined
  const { entries, last } = await page(limit, (limit) =>
    store.catalog.tags.list(repository, { last: after, limit }),
  )
  if (entries.length === 0 && !(await store.catalog.repositories.exists(repository))) {
    throw new RegistryError('NAME_UNKNOWN', undefined, { detail: { name: repository } })
  }
  const next = last === undefined ? undefined : { last, n: String(limit) }
  return jsonResponse(200, { name: context.name, tags: entries }, { ...headers, ...nextLink(context, next) })
}

export const listRepositories: Endpoint = async (context) => {
  const { query, config, store } = context
  const max = config.catalog.maxentries
  const limit = requestedPageSize(query) ?? Math.min(DEFAULT_REPOSITORIES, max)
  if (limit > max) throw new RegistryError('PAGINATION_NUMBER_INVALID', undefined, { detail: { n: limit } })
  const after = query.get('last') ?? undefined
  const { entries, last } = await page(limit, (limit) =>
    store.catalog.repositories.list({ last: after, limit }),
  )
  const next = last === undefined ? undefined : { last, n: String(limit) }
  return jsonResponse(200, { repositories: entries }, nextLink(context, next))
}
