/** Addresses of peers as people write them, and as the settings store them. */
import { describe, expect, it } from 'vitest'
import { addressText, toMultiaddr } from '../../../src/browser/page/peers/address-text.ts'

const ID = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

describe('addresses of peers', () => {
  it.each([
    ['http://localhost:5620', '/dns4/localhost/tcp/5620/http'],
    ['localhost:5620', '/dns4/localhost/tcp/5620/http'],
    [' http://localhost:5620/peers ', '/dns4/localhost/tcp/5620/http'],
    ['192.168.1.20:5000', '/ip4/192.168.1.20/tcp/5000/http'],
    ['192.168.1.20', '/ip4/192.168.1.20/tcp/80/http'],
    ['[::1]:5000', '/ip6/::1/tcp/5000/http'],
    ['nas', '/dns4/nas/tcp/80/http'],
    ['registry.example', '/dns4/registry.example/tcp/443/https'],
    ['registry.example:5000', '/dns4/registry.example/tcp/5000/http'],
    ['https://Registry.example/', '/dns4/registry.example/tcp/443/https'],
    [`/ip4/192.0.2.1/tcp/80/ws/p2p/${ID}`, `/ip4/192.0.2.1/tcp/80/ws/p2p/${ID}`],
  ])('takes "%s"', (text, multiaddr) => {
    expect(toMultiaddr(text)).toBe(multiaddr)
  })

  it.each([
    '',
    ' ',
    'a b',
    '/',
    '//',
    'ftp://registry.example',
    'http://user:secret@registry.example',
    'javascript:alert(1)',
  ])('does not take "%s"', (text) => {
    expect(toMultiaddr(text)).toBeUndefined()
  })

  it.each([
    ['/dns4/localhost/tcp/5620/http', 'http://localhost:5620'],
    ['/ip6/::1/tcp/5000/http', 'http://[::1]:5000'],
    [`/dns4/registry.example/tcp/443/https/p2p/${ID}`, 'https://registry.example'],
    [`/ip4/192.0.2.1/tcp/80/ws/p2p/${ID}`, `/ip4/192.0.2.1/tcp/80/ws/p2p/${ID}`],
  ])('shows %s as %s', (multiaddr, text) => {
    expect(addressText(multiaddr)).toBe(text)
  })
})
