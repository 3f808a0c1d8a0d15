/**
 * Finds registries of the same user on this machine that are also limited to it or have the same key, and connects to them
 * over loopback. It uses files instead of multicast, which other machines receive, some systems don't route, and strangers
 * could respond to.
 */
import type { FSWatcher } from 'node:fs'
import { type PeerInfo, peerDiscoverySymbol } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { isLoopback } from '../../core/libp2p/multiaddrs.ts'
import type { Libp2pInit } from '../../core/libp2p/options.ts'
import type { Log } from '../../core/log.ts'
import { type Announcement, openRendezvous, RENEW_INTERVAL_MS, type Rendezvous } from './rendezvous.ts'

type Discovery = Libp2pInit['discovery'][number]
type Components = Parameters<Discovery>[0]

/** Addresses that are accepted of one peer. */
const MAX_ADDRESSES = 16

/** If there is no usable folder, that is logged, and no registries are found. */
export async function sameMachine(log: Log): Promise<Libp2pInit['discovery']> {
  const folders = await openRendezvous()
  if (folders.length === 0)
    log.warn(
      'there is no private folder for announcements, so other registries on this machine will not be found',
    )
  return folders.map(
    (folder): Discovery =>
      (components) =>
        new SameMachine(folder, components, log) as never,
  )
}

/** Started and stopped by libp2p. */
class SameMachine extends EventTarget {
  readonly [peerDiscoverySymbol] = this
  readonly #rendezvous: Rendezvous
  readonly #components: Components
  readonly #log: Log
  #watcher: FSWatcher | undefined
  #announcing: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(rendezvous: Rendezvous, components: Components, log: Log) {
    super()
    this.#rendezvous = rendezvous
    this.#components = components
    this.#log = log
  }

  /** Runs before the ports are known; each of them is announced by an event. */
  start(): void {
    this.#watcher = this.#rendezvous.watch((id) => this.#look(id)).on('error', this.#fail)
    this.#timer = setInterval(this.#renew, RENEW_INTERVAL_MS)
    this.#timer.unref()
    this.#components.events.addEventListener('transport:listening', this.#renew)
    this.#look()
  }

  async stop(): Promise<void> {
    this.#components.events.removeEventListener('transport:listening', this.#renew)
    this.#watcher?.close()
    clearInterval(this.#timer)
    await this.#announcing
    await this.#rendezvous.withdraw(this.#self()).catch(this.#fail)
  }

  #look(id?: string): void {
    if (id === this.#self()) return
    this.#rendezvous.announcements(id).then((announcements) => {
      for (const found of announcements) if (found.id !== this.#self()) this.#emit(found)
    }, this.#fail)
  }

  #emit({ id, addresses }: Announcement): void {
    try {
      const multiaddrs = addresses
        .filter(isLoopback)
        .slice(0, MAX_ADDRESSES)
        .map((text) => multiaddr(text))
      const detail: PeerInfo = { id: peerIdFromString(id), multiaddrs }
      if (multiaddrs.length > 0) this.dispatchEvent(new CustomEvent('peer', { detail }))
    } catch (err) {
      this.#fail(err)
    }
  }

  readonly #renew = (): void => {
    this.#announcing = this.#announcing.then(this.#announce).catch(this.#fail)
    this.#look()
  }

  readonly #announce = async (): Promise<void> => {
    const addresses = this.#components.transportManager.getAddrs().map(String).filter(isLoopback)
    if (addresses.length > 0) await this.#rendezvous.announce({ id: this.#self(), addresses })
  }

  readonly #self = () => this.#components.peerId.toString()

  readonly #fail = (err: unknown) => this.#log.debug('registries on this machine', { err })
}
