/** How the page reads what people type. */
import { describe, expect, it } from 'vitest'
import { notFoundDetail } from '../../../src/browser/page/add/not-found.ts'
import { parseTypedImage } from '../../../src/browser/page/add/typed-image.ts'
import { parseTypedRegistry, targetsOf } from '../../../src/browser/page/push/target.ts'
import { RegistryError } from '../../../src/core/oci/error.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

describe('an image', () => {
  it.each([
    ['alpine', undefined, 'alpine', undefined],
    ['  team/app:1.0 ', undefined, 'team/app', '1.0'],
    ['team/app:', undefined, 'team/app', undefined],
    [`app@${DIGEST}`, undefined, 'app', DIGEST],
    [`app:1@${DIGEST}`, undefined, 'app', DIGEST],
    ['localhost:5610/busybox:1', 'localhost:5610', 'busybox', '1'],
    ['localhost/busybox', 'localhost', 'busybox', undefined],
    ['[::1]:5000/busybox:1', '[::1]:5000', 'busybox', '1'],
    ['http://localhost:5610/busybox:1', 'localhost:5610', 'busybox', '1'],
    ['http://localhost:5610/r/team/app:1?platform=linux/amd64', 'localhost:5610', 'team/app', '1'],
    ['http://localhost:5610/r/team/app/', 'localhost:5610', 'team/app', undefined],
    ['https://registry/app', 'registry', 'app', undefined],
    ['docker.io/library/alpine', 'docker.io', 'library/alpine', undefined],
    ['docker.io/alpine:3.22', 'docker.io', 'library/alpine', '3.22'],
    ['ghcr.io/me/tool:v1', 'ghcr.io', 'me/tool', 'v1'],
    ['docker pull localhost:5610/busybox:1', 'localhost:5610', 'busybox', '1'],
    ['$ sudo docker pull --platform linux/amd64 alpine', undefined, 'alpine', undefined],
    ['podman pull --tls-verify=false 10.0.0.1:5000/app:1', '10.0.0.1:5000', 'app', '1'],
    ['skopeo copy docker://ghcr.io/me/tool:v1 oci-archive:tool.tar', 'ghcr.io', 'me/tool', 'v1'],
    ['docker://team/app:1', undefined, 'team/app', '1'],
  ])('%s', (text, host, name, reference) => {
    expect(parseTypedImage(text)).toEqual({ host, name, reference })
  })

  it.each([
    '',
    'Not A Reference',
    'UPPER/case',
    'app:1:2',
    'app@sha256:short',
    'a b',
    '/',
    'http://',
    'docker pull ',
    'Docker pull app',
    '<img src=x>',
    'app:\u0007',
  ])('none in %j', (text) => {
    expect(parseTypedImage(text)).toBeUndefined()
  })
})

describe('a registry', () => {
  it.each([
    ['registry.example', 'https://registry.example', 'registry.example'],
    [' https://Registry.Example/ ', 'https://registry.example', 'registry.example'],
    ['localhost:5001', 'http://localhost:5001', 'localhost:5001'],
    ['127.0.0.1:5001/v2/', 'http://127.0.0.1:5001', '127.0.0.1:5001'],
    ['[::1]:5001', 'http://[::1]:5001', '[::1]:5001'],
    ['https://localhost:5001', 'https://localhost:5001', 'localhost:5001'],
    ['http://192.168.1.20:5000', 'http://192.168.1.20:5000', '192.168.1.20:5000'],
    ['docker.io', 'https://registry-1.docker.io', 'registry-1.docker.io'],
  ])('%s', (text, url, host) => {
    expect(parseTypedRegistry(text)).toEqual({ url, host })
  })

  it.each(['', 'a b', 'ftp://host', 'host/team/app', 'http://', 'user:secret@host', 'host?x', ':5000'])(
    'none in %j',
    (text) => {
      expect(parseTypedRegistry(text)).toBeUndefined()
    },
  )
})

describe('the registries to push to', () => {
  const ids = ['A', 'B', 'C'].map((letter) => `12D3KooW${letter.repeat(44)}`)
  const peerOf = (id: string, url?: string, writable = true) => ({
    id,
    protocol: 'http' as const,
    addresses: [],
    sent: 0,
    received: 0,
    lists: true,
    ...(url && { registry: { url, writable } }),
  })
  const origin = { id: ids[1]!, url: 'http://localhost:5000' }

  it('are the server first, then peers that may be written to', () => {
    const peers = [peerOf(ids[0]!, 'https://peer.example'), peerOf(ids[1]!, origin.url), peerOf(ids[2]!)]
    const { writable, serverProblem } = targetsOf({ origin, leader: true, peers })
    expect(writable.map(({ host }) => host)).toEqual(['localhost:5000', 'peer.example'])
    expect(writable[0]).toMatchObject({ is: 'peer', id: ids[1], serves: true })
    expect(serverProblem).toBeUndefined()
  })

  it('are not a server that is read-only, which is said', () => {
    const peers = [peerOf(ids[1]!, origin.url, false), peerOf(ids[0]!, 'https://peer.example', false)]
    const { writable, serverProblem } = targetsOf({ origin, leader: true, peers })
    expect(writable).toEqual([])
    expect(serverProblem).toBe('The server, localhost:5000, takes no pushes: it is read-only.')
  })
})

describe('why an image is not found', () => {
  const peer = `12D3KooW${'A'.repeat(44)}`
  const failure = (detail: unknown) => new RegistryError('MANIFEST_UNKNOWN', undefined, { detail })

  it.each([
    [{ reason: 'no-peer' }, { reason: 'no-peer' }],
    [
      { reason: 'unknown-tag', tags: ['1', 'no tag', 7, '<b>'] },
      { reason: 'unknown-tag', tags: ['1'] },
    ],
    [
      { reason: 'unknown-tag', tags: 'x' },
      { reason: 'unknown-tag', tags: [] },
    ],
    [
      { reason: 'untrusted', peers: [peer, 'javascript:'] },
      { reason: 'untrusted', peers: [peer] },
    ],
    [{ reason: 'toString' }, undefined],
    [['no-peer'], undefined],
    [null, undefined],
  ])('is read of %j with care', (detail, miss) => {
    expect(notFoundDetail(failure(detail))).toEqual(miss)
  })

  it('is not known of other failures', () => {
    expect(notFoundDetail(new Error('no-peer'))).toBeUndefined()
  })
})
