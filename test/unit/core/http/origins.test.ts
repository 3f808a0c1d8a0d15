import { describe, expect, it } from 'vitest'
import { createOrigins } from '../../../../src/core/http/origins.ts'
import { configOf } from '../../../support/in-memory-registry.ts'

const originsOf = (http: Readonly<Record<string, unknown>> = {}) => createOrigins(configOf({ http }).http)

const NAMED = {
  host: 'https://Public.example:8443/',
  hosts: ['Registry.lan', '*.Team.example', 'b\u00fccher.example'],
}

describe('the hosts of a registry', () => {
  it.each([
    'localhost',
    'localhost:5000',
    'LOCALHOST:5000',
    'localhost.',
    'localhost.:5000',
    'flotilla.localhost:5000',
    'a.b.localhost.',
    '127.0.0.1',
    '127.0.0.1:5000',
    '10.77.0.3:80',
    '203.0.113.9:',
    '0.0.0.0:5000',
    '2130706433',
    '0x7f.1:5000',
    '[::1]:5000',
    '[fe80::1]',
    '[::FFFF:127.0.0.1]:5000',
  ])('are %s, whatever is configured', (host) => {
    expect(originsOf().isOwnHost(host)).toBe(true)
  })

  it.each([
    'public.example',
    'PUBLIC.example.:443',
    'registry.lan:5000',
    'REGISTRY.LAN.',
    'a.team.example',
    'a.b.team.example:5000',
    'xn--bcher-kva.example',
  ])('are %s where that is named', (host) => {
    expect(originsOf(NAMED).isOwnHost(host)).toBe(true)
    expect(originsOf().isOwnHost(host)).toBe(false)
  })

  it.each([
    'rebind.test',
    'localhost.rebind.test',
    '127.0.0.1.rebind.test',
    'notlocalhost',
    'xlocalhost:5000',
    'localhost..',
    'localhost.rebind.test.',
    'team.example',
    'eviltem.example',
    'ateam.example',
    'registry.lan.evil.example',
    'evil-registry.lan',
    'sub.registry.lan',
    'registry.lanx',
    'b\u00c3\u00bccher.example',
    '1.2.3.4.5',
    '127.0.0.1x',
  ])('are not %s', (host) => {
    expect(originsOf(NAMED).isOwnHost(host)).not.toBe(true)
  })

  it.each([
    'user@localhost',
    'localhost@evil.example',
    'localhost/evil',
    'localhost?x',
    'localhost#x',
    'localhost\\evil',
    'a b',
    '::1',
    '[::1',
    '[::1]x',
    '[localhost]',
    '[1.2.3.4]',
    'localhost:5000:5000',
    'localhost:port',
    'localhost:99999999',
    'localhost:65536',
    'localhost,evil',
    '999.1.1.1',
    '1.2.3.4.5',
    '"><script>',
    '',
  ])('are no text that names none (%s)', (host) => {
    expect(originsOf(NAMED).isOwnHost(host)).not.toBe(true)
  })
})

describe('pages', () => {
  const HERE = { address: '127.0.0.1', port: 5000 }
  const LAN = { address: '::ffff:10.77.0.3', port: 5000 }

  it.each<[string, typeof HERE]>([
    ['http://localhost:5000', HERE],
    ['http://flotilla.localhost:5000', HERE],
    ['http://127.0.0.1:5000', HERE],
    ['http://[::1]:5000', { address: '::1', port: 5000 }],
    ['http://10.77.0.3:5000', LAN],
    ['http://registry.lan:5000', LAN],
    ['https://a.team.example:5000', LAN],
    ['https://public.example:8443', LAN],
    ['https://public.example:8443', HERE],
    ['http://localhost', { address: '127.0.0.1', port: 80 }],
  ])('of %s are own ones of %o', (origin, reached) => {
    expect(originsOf(NAMED).isOwn(origin, reached)).toBe(true)
  })

  it.each<[string, typeof HERE]>([
    ['http://localhost:5001', HERE],
    ['http://localhost', HERE],
    ['http://127.0.0.2:5000', HERE],
    ['http://rebind.test:5000', HERE],
    ['http://10.77.0.4:5000', LAN],
    ['http://localhost:5000', LAN],
    ['http://127.0.0.1:5000', LAN],
    ['http://registry.lan', LAN],
    ['http://registry.lan:8080', LAN],
    ['https://public.example', LAN],
    ['http://public.example:8443', LAN],
    ['http://team.example:5000', LAN],
    ['http://localhost:5000/', HERE],
    ['http://localhost:5000/path', HERE],
    ['HTTP://LOCALHOST:5000', HERE],
    ['null', HERE],
    ['*', HERE],
    ['file://', HERE],
    ['localhost:5000', HERE],
    ['chrome-extension://localhost:5000', HERE],
    ['', HERE],
  ])('of %s are none of %o', (origin, reached) => {
    expect(originsOf(NAMED).isOwn(origin, reached)).toBe(false)
  })
})

describe('the configuration', () => {
  it.each(['registry.lan:5000', 'http://registry.lan', '*', '*.', 'a b', 'a/b', '[::1]', '*.*.example', ''])(
    'takes no %s for a host',
    (host) => {
      expect(() => originsOf({ hosts: [host] })).toThrow('name of a host')
    },
  )

  it('names no page that may write as any page', () => {
    expect(() => originsOf({ cors: { writers: ['*'] } })).toThrow("not '*'")
  })
})
