/**
 * Who: anybody who may push, to a registry whose operator wrote a pattern without thinking of attackers.
 * Tries: to send a layer URL on which the pattern backtracks, so that each character more doubles the time.
 * Gets: the answer of an engine that takes linear time.
 */
import { expect, it } from 'vitest'
import { OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { descriptorOf, imageOf, pushConfig } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { pusherTo } from './greedy.ts'

const FOREIGN = 'application/vnd.oci.image.layer.nondistributable.v1.tar'

it('a URL on which a pattern backtracks', async () => {
  const allow = JSON.stringify(['^https://(.*)+example[.]com$'])
  await using registry = await startRegistry({
    environment: { REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: allow },
  })
  const layer = { ...descriptorOf('layer', FOREIGN), urls: [`https://${'a'.repeat(26)}`] }
  const body = JSON.stringify(imageOf(await pushConfig(pusherTo(registry), 'a'), [layer]))
  await using watching = await watch(registry)
  const headers = { 'Content-Type': OCI_MANIFEST }
  const response = await fetch(`${registry.url}/v2/a/manifests/latest`, { method: 'PUT', headers, body })
  expect(await response.json()).toMatchObject({ errors: [{ code: 'MANIFEST_INVALID' }] })
  const { latency } = await watching.end()
  record('a URL that makes a pattern backtrack', { most: latency.most })
  expect(latency.most).toBeLessThan(3000)
})
