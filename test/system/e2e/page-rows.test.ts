/** Rows of the page's lists, from images of this browser and of peers. */
import { describe, expect, it } from 'vitest'
import { type By, compareVersions, matches, sortedBy } from '../../../src/browser/page/components/order.ts'
import { plansFor, titleOf } from '../../../src/browser/page/deletion/plans.ts'
import { isNewer, pullableOf, rowsOf } from '../../../src/browser/page/repository/rows.ts'
import type { StoredImage } from '../../../src/browser/page/requests/admin.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`

const image = (digit: string, more: Partial<StoredImage> = {}): StoredImage => ({
  digest: digest(digit),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  tags: [],
  tagged: [],
  bytes: 10,
  missing: 0,
  kept: false,
  source: 'pushed',
  ...more,
})

describe('the order of a list', () => {
  it('counts versions as people do, with previews before what they lead to', () => {
    const versions = ['1.10', 'latest', '1.9', '1.10-rc.1', '1.10-rc.10', '1.10-rc.2', '1.10-alpine', '2']
    expect(versions.toSorted(compareVersions)).toEqual([
      '1.9',
      '1.10-rc.1',
      '1.10-rc.2',
      '1.10-rc.10',
      '1.10',
      '1.10-alpine',
      '2',
      'latest',
    ])
  })

  it.each<[By, boolean, string]>([
    ['name', false, 'a b c'],
    ['name', true, 'c b a'],
    ['size', true, 'b a c'],
    ['date', false, 'c a b'],
    ['used', true, 'a b c'],
  ])('by %s, descending: %s', (by, isDescending, expected) => {
    const rows = [
      { name: 'b', size: 2, date: undefined, used: undefined },
      { name: 'c', size: 1, date: 1, used: undefined },
      { name: 'a', size: 1, date: 2, used: undefined },
    ]
    expect(
      sortedBy(rows, { by, isDescending })
        .map(({ name }) => name)
        .join(' '),
    ).toBe(expected)
  })

  it.each([
    ['', true],
    ['WEB', true],
    ['front web', true],
    ['web back', false],
  ])('a search for %j', (text, isFound) => {
    expect(matches('team/web/frontend', text)).toBe(isFound)
  })
})

describe('the rows of a repository', () => {
  const server = { id: 'server', serves: true, isTrusted: true }
  const listed = (name: string, digit: string, at: number) => ({
    name,
    digest: digest(digit),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    bytes: 5,
    at,
  })
  const rowOf = (name: string, images: readonly StoredImage[], entries: ReturnType<typeof listed>[]) =>
    rowsOf(images, [server], new Map([['server', { entries, isComplete: true }]])).tagged.find(
      (row) => row.name === name,
    )!
  const held = image('a', { tags: ['1'], tagged: [{ name: '1', at: 100 }] })

  it.each([
    ['is only there', [], [listed('1', 'a', 50)], false, 'a'],
    ['is in both', [held], [listed('1', 'a', 50)], false, undefined],
    ['is newer there', [held], [listed('1', 'b', 200)], true, 'b'],
    ['is older there', [held], [listed('1', 'b', 50)], false, 'b'],
    ['is only here', [held], [], false, undefined],
    ['is partly here', [{ ...held, missing: 1 }], [listed('1', 'a', 50)], false, 'a'],
  ])('a tag %s', (_, images, entries, newer, pulls) => {
    const row = rowOf('1', images, entries)
    expect(isNewer(row)).toBe(newer)
    expect(pullableOf(row)?.tag.digest).toBe(pulls && digest(pulls))
  })

  it('show attachments with their image, and untagged images separately', () => {
    const signed = digest('b')
    const images = [
      image('a', { tags: ['1'] }),
      image('b', { partOf: [digest('a')] }),
      image('c', { subject: signed, artifactType: 'application/spdx+json' }),
      image('d', { tags: [`${signed.replace(':', '-')}.sig`] }),
      image('e', { subject: digest('f'), artifactType: 'application/spdx+json' }),
      image('9'),
    ]
    const { tagged, untagged } = rowsOf(images, [], new Map())
    expect(tagged.map(({ name }) => name)).toEqual(['1'])
    expect(tagged[0]!.attachments.map(({ text }) => text)).toEqual(['SBOM', 'Signature'])
    expect(untagged.map(({ digest }) => digest)).toEqual([digest('e'), digest('9')])
  })
})

describe('to delete', () => {
  const one = { digest: digest('a'), tag: '1', tags: ['1'] }
  const two = { digest: digest('b'), tag: '2', tags: ['2', 'latest'] }
  const plans = (...images: { digest: string; tag: string | undefined; tags: string[] }[]) =>
    plansFor({ repository: 'web', images, isElsewhere: false }).map(({ title, request: unwanted }) => [
      title,
      unwanted.tags,
      unwanted.digests,
    ])

  it('a tag whose image has no other takes both, or the tag', () => {
    expect(plans(one)).toEqual([
      ['The tag and its image', [], [digest('a')]],
      ['Only the tag', ['1'], []],
    ])
  })

  it('one of several tags offers to delete only the tag first', () => {
    expect(plans(two).map(([title]) => title)).toEqual(['Only the tag', 'The tag and its image'])
  })

  it('several tags leaves the images that have others', () => {
    expect(plans(one, two)[1]).toEqual(['The tags and their images', ['2'], [digest('a')]])
  })

  it('an image without a tag leaves nothing to choose', () => {
    expect(plans({ ...one, tag: undefined, tags: [] })).toHaveLength(1)
  })

  it.each([
    [undefined, 'team/web'],
    [[one], 'team/web:1'],
    [[{ ...one, tag: undefined }], 'team/web@aaaaaaaaaaaa…'],
    [[one, two], '2 tags of team/web'],
  ])('is called by its name', (images, title) => {
    expect(titleOf({ repository: 'team/web', images, isElsewhere: false })).toBe(title)
  })
})
