/** Who is kept connected where there are more than can be: places, shares of hosts, and who gives way. */
import { describe, expect, it } from 'vitest'
import { createInboundLimit } from '../../../../src/core/libp2p/connection-gater.ts'
import {
  createDialTargets,
  type DialTarget,
  type TargetKind,
} from '../../../../src/core/libp2p/dial-targets.ts'

const PLACES = 64
const SHARE = 8

function open() {
  const gone: string[] = []
  const peers = createDialTargets(({ id }) => gone.push(id))
  const want = (id: string, kind: TargetKind, host?: string, state: Partial<DialTarget> = {}) => {
    const peer = peers.add({ id, kind, ...(host !== undefined && { host }) })
    return peer && Object.assign(peer, state)
  }
  const ids = () => [...peers].map(({ id }) => id)
  return { peers, want, gone, ids }
}

const hosts = (count: number) => Array.from({ length: count }, (_, index) => `192.0.2.${index}`)

describe('places', () => {
  it('of one kind are not taken by another', () => {
    const { want, peers } = open()
    for (const host of hosts(1000)) want(`stranger ${host}`, 'other', host)
    expect([...peers]).toHaveLength(PLACES)
    for (const host of hosts(PLACES)) want(`near ${host}`, 'near', host)
    for (const host of hosts(PLACES)) want(`useful ${host}`, 'useful', host)
    for (const host of hosts(1000)) want(`another ${host}`, 'other', host)
    expect([...peers].filter(({ kind }) => kind === 'near')).toHaveLength(PLACES)
    expect([...peers].filter(({ kind }) => kind === 'useful')).toHaveLength(PLACES)
  })

  it('are there for all that are named', () => {
    const { want, peers } = open()
    for (const host of hosts(200)) want(host, 'named', '192.0.2.1')
    expect([...peers]).toHaveLength(200)
  })

  it('are there for the newest: the hopeless give way, then those that came first', () => {
    const { want, ids, gone } = open()
    for (const host of hosts(PLACES)) want(host, 'near', host)
    want('192.0.2.30', 'near', '192.0.2.30', { attempts: 2 })
    want('new', 'near', '198.51.100.1')
    want('newer', 'near', '198.51.100.2')
    expect(gone).toEqual(['192.0.2.30', '192.0.2.0'])
    expect(ids().slice(-2)).toEqual(['new', 'newer'])
  })

  it('are kept by those that were met, and by those that are connected', () => {
    const { want, gone } = open()
    for (const host of hosts(PLACES)) want(host, 'near', host, { isConnected: true })
    expect(want('new', 'near', '198.51.100.1')).toBeUndefined()
    want('192.0.2.9', 'near', '192.0.2.9', { isConnected: false, isKnown: true, attempts: 9 })
    expect(want('newer', 'near', '198.51.100.1')).toBeDefined()
    expect(want('newest', 'near', '198.51.100.2')).toBeDefined()
    expect(gone).toEqual(['192.0.2.9', 'newer'])
  })

  it('of one host are few, and a newcomer from there takes one of those', () => {
    const { want, ids, gone } = open()
    want('honest', 'near', '192.0.2.1')
    for (let number = 0; number < 1000; number++) want(`${number}`, 'near', '192.0.2.66')
    expect(ids()).toHaveLength(1 + SHARE)
    expect(ids()).toContain('honest')
    want('last', 'near', '192.0.2.66')
    expect(gone.at(-1)).toBe('992')
  })

  it('of no host, as on loopback, have no share', () => {
    const { want, ids } = open()
    for (let number = 0; number < PLACES; number++) want(`${number}`, 'other')
    expect(ids()).toHaveLength(PLACES)
  })
})

describe('a peer', () => {
  it('rises when it proves useful, and does not fall when it is found again', () => {
    const { want, peers } = open()
    want('one', 'other', '192.0.2.1')
    want('one', 'useful')
    want('one', 'near', '192.0.2.2')
    expect(peers.get('one')).toMatchObject({ kind: 'useful', host: '192.0.2.2' })
    expect([...peers]).toHaveLength(1)
  })
})

describe('those that come', () => {
  const connection = (address: string) =>
    Object.assign(new EventTarget(), { remoteAddr: { toString: () => address } }) as never as Parameters<
      ReturnType<typeof createInboundLimit>['admit']
    >[0] &
      EventTarget

  it('from one host are not all let in, until some have left', () => {
    const { admit } = createInboundLimit()
    const calls = Array.from({ length: 100 }, () => connection('/ip4/192.0.2.66/tcp/1'))
    const admitted = calls.filter(admit)
    expect(admitted).toHaveLength(48)
    expect(admit(connection('/ip4/192.0.2.1/tcp/1'))).toBe(true)
    admitted[0]!.dispatchEvent(new Event('close'))
    expect(admit(connection('/ip4/192.0.2.66/tcp/2'))).toBe(true)
    expect(admit(connection('/ip4/192.0.2.66/tcp/3'))).toBe(false)
  })

  it('leave places for those that this peer dials', () => {
    const { admit } = createInboundLimit()
    const calls = hosts(1000).map((host) => connection(`/ip4/${host}/tcp/1`))
    expect(calls.filter(admit)).toHaveLength(200)
  })
})
