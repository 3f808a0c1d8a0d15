/**
 * Finds the registries of the same user that are for this machine alone, as this one is, or have the same key: they meet
 * over loopback. By files and not by multicast, which other machines hear, some systems do not route, and strangers could
 * answer.
 */
import type { FSWatcher } from 'node:fs'
import { type PeerInfo, peerDiscoverySymbol } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { isLoopback } from '../../core/libp2p/multiaddrs.ts'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import type { Log } from '../../core/log.ts'
import { openRendezvous, RENEWED_EVERY, type Rendezvous, type Word } from './rendezvous.ts'

type Discovery = Libp2pParts['discovery'][number]
type Components = Parameters<Discovery>[0]

/** More of one peer are not looked at. */
const MAX_ADDRESSES = 16

/** The log tells where it cannot work: nothing is found then, and nothing fails. */
export async function sameMachine(log: Log): Promise<Libp2pParts['discovery']> {
  const places = await openRendezvous()
  if (places.length === 0) log.warn('no folder of this user alone: other registries here will not be found')
  return places.map(
    (place): Discovery =>
      (components) =>
        new SameMachine(place, components, log) as never,
  )
}

/** Started and stopped by libp2p. */
class SameMachine extends EventTarget {
  readonly [peerDiscoverySymbol] = this
  readonly #place: Rendezvous
  readonly #components: Components
  readonly #log: Log
  #watcher: FSWatcher | undefined
  #leaving: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(place: Rendezvous, components: Components, log: Log) {
    super()
    this.#place = place
    this.#components = components
    this.#log = log
  }

  /** Before the ports are known: each of them is an event. */
  start(): void {
    this.#watcher = this.#place.watch((id) => this.#look(id)).on('error', this.#fail)
    this.#timer = setInterval(this.#renew, RENEWED_EVERY)
    this.#timer.unref()
    this.#components.events.addEventListener('transport:listening', this.#renew)
    this.#look()
  }

  async stop(): Promise<void> {
    this.#components.events.removeEventListener('transport:listening', this.#renew)
    this.#watcher?.close()
    clearInterval(this.#timer)
    await this.#leaving
    await this.#place.withdraw(this.#self()).catch(this.#fail)
  }

  #look(id?: string): void {
    if (id === this.#self()) return
    this.#place.words(id).then((words) => {
      for (const word of words) if (word.id !== this.#self()) this.#tell(word)
    }, this.#fail)
  }

  #tell({ id, addresses }: Word): void {
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
    this.#leaving = this.#leaving.then(this.#leave).catch(this.#fail)
    this.#look()
  }

  readonly #leave = async (): Promise<void> => {
    const addresses = this.#components.transportManager.getAddrs().map(String).filter(isLoopback)
    if (addresses.length > 0) await this.#place.leave({ id: this.#self(), addresses })
  }

  readonly #self = () => this.#components.peerId.toString()

  readonly #fail = (err: unknown) => this.#log.debug('registries on this machine', { err })
}
