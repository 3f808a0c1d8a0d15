/** Signatures and lists of referrers in an archive: they keep the tags by which clients find them. */
import { expect, it } from 'vitest'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import { openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf } from '../../../../support/push.ts'
import { clientOf } from '../client.ts'
import {
  blobOf,
  configOf,
  descriptorOf,
  INDEX,
  indexOf,
  layoutOf,
  MANIFEST,
  manifestOf,
  tagged,
} from '../tars.ts'

const config = configOf(['one'])
const image = manifestOf(config, ['one'])
const signature = manifestOf(config, ['signature'])
const attestation = manifestOf(config, ['attestation'])
const list = indexOf([descriptorOf(signature, MANIFEST)])
const files = [image, signature, attestation, list, config, 'one', 'signature', 'attestation']

const kind = (name: string) => ({ annotations: { kind: `dev.cosignproject.cosign/${name}` } })
const tagOf = (text: string, suffix = '') => `${digestOf(text).replace(':', '-')}${suffix}`

it.each([
  [
    'of `cosign save`',
    [
      descriptorOf(image, MANIFEST, kind('image')),
      descriptorOf(signature, MANIFEST, kind('sigs')),
      descriptorOf(attestation, MANIFEST, kind('atts')),
    ],
    ['1', tagOf(image, '.att'), tagOf(image, '.sig')],
  ],
  [
    'of `regctl image copy --referrers`',
    [descriptorOf(list, INDEX, tagged(tagOf(image))), descriptorOf(image, MANIFEST, tagged('old'))],
    ['1', tagOf(image)],
  ],
])('an archive %s is pushed under another name', async (_, roots, tags) => {
  await using registry = await openInMemoryRegistry()
  const archive = await readArchive(await blobOf(layoutOf(roots, files)))
  await pushArchive(archive, clientOf(registry), { repository: 'app', tag: '1' })
  const listed = await registry.fetch('GET', '/v2/app/tags/list')
  expect(await listed.json()).toMatchObject({ tags: tags.toSorted() })
  const pulled = await registry.fetch('GET', '/v2/app/manifests/1')
  expect(await pulled.text()).toBe(image)
})
