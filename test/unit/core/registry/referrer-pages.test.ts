import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { descriptorOf, pushImage } from '../../../support/push.ts'

const SIGNATURE = 'application/vnd.cncf.notary.signature'
const SUBJECT = descriptorOf('an image', OCI_MANIFEST)

const pushSignature = (registry: InMemoryRegistry, by: string, filler = '') =>
  pushImage(registry, 'a', { subject: SUBJECT, artifactType: SIGNATURE, annotations: { by, filler } })

const signedBy = (descriptors: readonly Descriptor[]) =>
  descriptors.map((descriptor) => descriptor.annotations?.by).sort()

describe('many referrers', () => {
  /** Follows the links to the end: the descriptors of every page. */
  async function pagesOf(registry: InMemoryRegistry, path: string): Promise<Descriptor[][]> {
    const pages: Descriptor[][] = []
    for (let next: string | undefined = path; next; ) {
      const response = await registry.fetch('GET', next)
      const text = await response.text()
      expect(text.length).toBeLessThan(4 * 1024 * 1024)
      pages.push(JSON.parse(text).manifests)
      next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    return pages
  }

  it('that are small come on one page', async () => {
    await using registry = await openInMemoryRegistry()
    for (let number = 0; number < 50; number++) await pushSignature(registry, `host ${number}`)
    const pages = await pagesOf(registry, `/v2/a/referrers/${SUBJECT.digest}`)
    expect(pages.map((page) => page.length)).toEqual([50])
  })

  it.each([
    ['pages that clients can read', ''],
    ['pages of one type', `?artifactType=${SIGNATURE}`],
  ])('with large annotations come on %s', async (_, query) => {
    await using registry = await openInMemoryRegistry()
    const hosts = Array.from({ length: 9 }, (_, number) => `host ${number}`)
    for (const by of hosts) await pushSignature(registry, by, 'x'.repeat(800_000))
    const pages = await pagesOf(registry, `/v2/a/referrers/${SUBJECT.digest}${query}`)
    expect(pages.length).toBeGreaterThan(2)
    expect(signedBy(pages.flat())).toEqual(hosts)
  })

  it('of which one alone is larger than a page come all the same', async () => {
    await using registry = await openInMemoryRegistry()
    const filler = 'x'.repeat(3.5 * 1024 * 1024)
    for (const by of ['alice', 'bob']) await pushSignature(registry, by, filler)
    const pages = await pagesOf(registry, `/v2/a/referrers/${SUBJECT.digest}`)
    expect(pages.map((page) => page.length)).toEqual([1, 1])
    expect(signedBy(pages.flat())).toEqual(['alice', 'bob'])
  })
})
