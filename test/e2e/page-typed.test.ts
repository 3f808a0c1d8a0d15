/** What people type into the page, and what it takes that for. */
import { describe, expect, it } from 'vitest'
import { parseTypedImage } from '../../src/browser/page/add/typed-image.ts'
import { parseTypedRegistry } from '../../src/browser/page/push/typed-registry.ts'

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
