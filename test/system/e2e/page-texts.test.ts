/** Texts of the page: references, sizes, histories, commands, failures. */
import { describe, expect, it } from 'vitest'
import { failureText } from '../../../src/browser/page/components/failure-text.ts'
import { artifactText, shortDigest, sizeText, typeText } from '../../../src/browser/page/components/text.ts'
import {
  commandLines,
  loadLines,
  needsInsecureRegistry,
} from '../../../src/browser/page/image/command-lines.ts'
import { instructionOf, stepsOf } from '../../../src/browser/page/image/image-config.ts'
import { imagePath, parseImageReference, routeOf } from '../../../src/browser/page/route.ts'
import { readSize, sizeInput } from '../../../src/browser/page/storage/size-input.ts'
import { RegistryError } from '../../../src/core/oci/error.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`

const route = (path: string) => routeOf(new URL(path, 'http://page.example'))

describe('addresses', () => {
  it.each([
    ['/', { page: 'repositories' }],
    ['/storage', { page: 'storage' }],
    ['/peers', { page: 'peers' }],
    ['/r/team/web', { page: 'repository', name: 'team/web' }],
    ['/r/team/web:1', { page: 'image', name: 'team/web', reference: '1', platform: undefined }],
    [`/r/web@${DIGEST}`, { page: 'image', name: 'web', reference: DIGEST, platform: undefined }],
    [
      '/r/web:1?platform=linux/arm64/v8',
      { page: 'image', name: 'web', reference: '1', platform: 'linux/arm64/v8' },
    ],
    ['/r/UPPER', { page: 'unknown' }],
    ['/r/%E0%A4%A', { page: 'unknown' }],
    ['/v2/', undefined],
    ['/flotilla/peers', undefined],
  ])('%s', (path, expected) => {
    expect(route(path)).toEqual(expected)
  })

  it('are parsed back to the same route', () => {
    expect(route(imagePath('team/web', DIGEST))).toMatchObject({ name: 'team/web', reference: DIGEST })
    expect(route(imagePath('web', '1', 'linux/arm/v7'))).toMatchObject({
      reference: '1',
      platform: 'linux/arm/v7',
    })
  })

  it.each([
    ['alpine', { name: 'alpine', reference: 'latest' }],
    ['alpine:3.22', { name: 'alpine', reference: '3.22' }],
    [`alpine:3.22@${DIGEST}`, { name: 'alpine', reference: DIGEST }],
    ['localhost:5000/alpine', undefined],
    ['Alpine', undefined],
    ['alpine@sha256:12', undefined],
    ['', undefined],
  ])('reads the reference %j', (text, expected) => {
    expect(parseImageReference(text)).toEqual(expected)
  })
})

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [12.34 * 2 ** 20, '12.3 MiB'],
    [345.6 * 2 ** 30, '346 GiB'],
    [2 ** 53, '8192 TiB'],
  ])('%d', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text)
  })

  it.each([
    ['20.0 GiB', { bytes: 20 * 2 ** 30 }],
    ['5 GB', { bytes: 5e9, meaning: '5 GB is 4.66 GiB.' }],
    ['500mb', { bytes: 5e8, meaning: '500mb is 477 MiB.' }],
    ['10GiB', { bytes: 10 * 2 ** 30, meaning: '10GiB is 10.0 GiB.' }],
    ['1,5g', { bytes: 1.5 * 2 ** 30, meaning: '1,5g is 1.50 GiB.' }],
    ['', { bytes: null }],
    ['5', { problem: '5 of what? Write 5 GB, or 5 MB.' }],
    ['much', { problem: 'Write a size such as 5 GB or 500 MB.' }],
    ['5 i', { problem: 'Write a size such as 5 GB or 500 MB.' }],
    ['9999999999 TB', { problem: 'That is more than any disk has.' }],
  ])('are read from %j', (text, size) => {
    expect(readSize(text)).toEqual(size)
  })

  it.each([null, 0, 1234567, 5e9, 2 ** 30, 3 * 2 ** 20])('are read as typed: %j', (bytes) => {
    expect(readSize(sizeInput(bytes))).toMatchObject({ bytes })
  })
})

describe('the history of an image', () => {
  const layer = (digit: string) => ({ mediaType: 'x', digest: digit, size: 1 })

  it('goes with the layers that it made', () => {
    const history = [{ created_by: 'ADD' }, { created_by: 'ENV', empty_layer: true }, { created_by: 'RUN' }]
    expect(stepsOf([layer('1'), layer('2')], history)).toEqual([
      { layer: layer('1'), history: history[0] },
      { history: history[1] },
      { layer: layer('2'), history: history[2] },
    ])
  })

  it('is left out if it does not match', () => {
    expect(stepsOf([layer('1'), layer('2')], [{ created_by: 'ADD' }])).toEqual([
      { layer: layer('1') },
      { layer: layer('2') },
    ])
  })

  it.each([
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ['/bin/sh -c apk add curl', 'RUN apk add curl'],
    ['RUN /bin/sh -c apk add curl # buildkit', 'RUN apk add curl'],
    ['RUN |1 VERSION=2 /bin/sh -c make # buildkit', 'RUN make'],
    ['bazel build ...', 'bazel build ...'],
  ])('shows %j as it stood in the Dockerfile', (created_by, text) => {
    expect(instructionOf({ created_by })).toBe(text)
  })
})

describe('commands', () => {
  it('say that a peer speaks plain HTTP', () => {
    const texts = commandLines(new URL('http://10.0.0.1:5000'), 'web:1').map(({ text }) => text)
    expect(texts).toContain('docker pull 10.0.0.1:5000/web:1')
    expect(texts).toContain('podman pull --tls-verify=false 10.0.0.1:5000/web:1')
    expect(needsInsecureRegistry(new URL('http://10.0.0.1:5000'))).toBe(true)
  })

  it('are plain for HTTPS', () => {
    const texts = commandLines(new URL('https://registry.example'), 'web:1').map(({ text }) => text)
    expect(texts).toContain('ctr images pull registry.example/web:1')
    expect(needsInsecureRegistry(new URL('http://127.0.0.1:5000'))).toBe(false)
  })

  it.each([
    ['team/web', '1', undefined, 'docker load -i team_web_1.tar'],
    ['web', `sha256:${'a'.repeat(64)}`, undefined, 'docker load -i web_aaaaaaaaaaaa.tar'],
    ['web', `sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`, 'docker load -i web_bbbbbbbbbbbb.tar'],
  ])('name the file that %s:%s is downloaded as', (name, reference, platform, text) => {
    expect(loadLines(name, reference, platform)[0]!.text).toBe(text)
  })
})

it('names things as the field does', () => {
  expect(typeText('application/vnd.oci.image.layer.v1.tar+zstd')).toBe('OCI tar+zstd')
  expect(typeText('application/vnd.docker.image.rootfs.diff.tar.gzip')).toBe('Docker tar.gzip')
  expect(typeText('application/x-other')).toBe('application/x-other')
  expect(artifactText('application/vnd.dev.sigstore.bundle.v0.3+json')).toBe('Signature')
  expect(artifactText('application/vnd.cyclonedx+json')).toBe('SBOM')
  expect(artifactText('application/x-other')).toBe('Artifact')
  expect(shortDigest(DIGEST)).toBe('abababababab')
})

describe('failures', () => {
  const away = new RegistryError('UNAVAILABLE', 'the registry does not answer', {
    cause: new TypeError('Failed to fetch'),
  })

  it.each<[string, unknown, boolean, string]>([
    [
      'a full storage',
      new RegistryError('UNKNOWN', 'storage is full', { status: 507 }),
      true,
      'storage is full Delete images',
    ],
    [
      'a full storage of the browser',
      new DOMException('too much', 'QuotaExceededError'),
      true,
      'storage is full Delete images',
    ],
    [
      'what nobody has',
      new RegistryError('MANIFEST_UNKNOWN'),
      true,
      'manifest unknown Nobody of the connected peers',
    ],
    [
      'a tag that is not there',
      new RegistryError('MANIFEST_UNKNOWN', 'a has no tag 1 here', { detail: { reason: 'unknown-tag' } }),
      true,
      'a has no tag 1 here',
    ],
    [
      'a tag that is not trusted',
      new RegistryError('MANIFEST_UNKNOWN', 'peer …x has a:1', { detail: { reason: 'untrusted' } }),
      true,
      'peer …x has a:1 Trust its tags under Peers',
    ],
    [
      'a tag that is out of reach',
      new RegistryError('MANIFEST_UNKNOWN', 'a:1 is not here', { detail: { reason: 'no-peer' } }),
      false,
      'a:1 is not here This browser is offline',
    ],
    [
      'what nobody has, offline',
      new RegistryError('BLOB_UNKNOWN'),
      false,
      'blob unknown to registry This browser is offline',
    ],
    ['a registry that is gone', away, true, 'the registry in this browser does not answer Reload'],
    [
      'a registry without storage',
      new RegistryError('UNAVAILABLE', 'this browser gives the page no storage'),
      true,
      'this browser gives',
    ],
    [
      'a file that changed',
      new DOMException('', 'NotReadableError'),
      true,
      'the file cannot be read any more It was changed',
    ],
    [
      'a page of an older version',
      new TypeError('Failed to fetch dynamically imported module: x.js'),
      true,
      'a part of the page could not be loaded Reload',
    ],
    ['a mistake of ours', new TypeError('x is undefined'), true, 'x is undefined'],
    ['anything', 'text', true, 'text'],
  ])('are told in words: %s', (_, failure, isOnline, words) => {
    const { message, hint = '' } = failureText(failure, isOnline)
    expect(`${message} ${hint}`).toContain(words)
  })
})
