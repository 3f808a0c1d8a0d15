/** Leading tabs come and go during requests of the service worker: responses continue, or fail at once. */
import { afterEach, describe, expect, it } from 'vitest'
import { createTabNetwork } from '../../src/browser/swarm/tab/network.ts'
import { toTabSchema, WINDOW_BYTES } from '../../src/browser/tab-protocol.ts'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import { createSwarm, openLeadingTab } from './bridged-networks.ts'
import { createFakeTabs, holdLead } from './fake-tabs.ts'

const SIZE = 8 * WINDOW_BYTES
const PEER = 'peer'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

const patient = () => ({ signal: AbortSignal.timeout(30_000) })
const byteAt = (position: number): number => (position * 31 + (position >> 16)) % 251

function setUp() {
  const tabs = createFakeTabs()
  const network = createTabNetwork({ ...tabs.deps, verify: async () => false })
  const swarm = createSwarm([PEER])
  const open = async (id: string = crypto.randomUUID()) => {
    const tab = await openLeadingTab(id, tabs, swarm, network.receive)
    undo.push(tab.close)
    return tab
  }
  return { tabs, network, swarm, open }
}

/** Responds to range requests, and records where they began and how many bytes were made. */
function blob() {
  const starts: number[] = []
  const made = { bytes: 0 }
  async function* body(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at <= end; at += 65_536) {
      made.bytes += 65_536
      yield Uint8Array.from({ length: Math.min(65_536, end + 1 - at) }, (_, index) => byteAt(at + index))
    }
  }
  const handle = async (request: unknown) => {
    const { start, end } = request as { start: number; end: number }
    starts.push(start)
    return { value: { size: SIZE }, body: body(start, end) }
  }
  return { starts, made, handle }
}

const RANGE = { ask: 'range', start: 0, end: SIZE - 1 }

async function checkedSize(bytes: Bytes, onChunk: (received: number) => unknown = () => {}): Promise<number> {
  let received = 0
  for await (const chunk of bytes) {
    for (const byte of chunk)
      if (byte !== byteAt(received++)) throw new Error(`wrong byte at ${received - 1}`)
    await onChunk(received)
  }
  return received
}

describe('a range', () => {
  it('continues with the next tab at the byte that it had reached', async () => {
    const { network, swarm, open } = setUp()
    const { starts, handle } = blob()
    swarm.answerWith(PEER, handle)
    const first = await open()
    const { bytes } = await network.request(PEER, RANGE, patient())
    let isOver = false
    const size = await checkedSize(bytes, async (received) => {
      if (isOver || received < SIZE / 2) return
      isOver = true
      first.close()
      await open()
    })
    expect(size).toBe(SIZE)
    expect(starts).toEqual([0, expect.any(Number)])
    expect(starts[1]).toBeGreaterThanOrEqual(SIZE / 2)
  })

  it('buffers no more than a window if nobody reads', async () => {
    const { network, swarm, open } = setUp()
    const { made, handle } = blob()
    swarm.answerWith(PEER, handle)
    await open()
    const { bytes } = await network.request(PEER, RANGE, patient())
    await expect.poll(() => made.bytes).toBeGreaterThan(WINDOW_BYTES)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(made.bytes).toBeLessThanOrEqual(WINDOW_BYTES + 65_536)
    expect(await checkedSize(bytes)).toBe(SIZE)
  })

  it('ends when it is cancelled while no tab leads', async () => {
    const { network, swarm, open } = setUp()
    swarm.answerWith(PEER, blob().handle)
    const tab = await open()
    const { bytes } = await network.request(PEER, RANGE, patient())
    const source = bytes[Symbol.asyncIterator]()
    await source.next()
    tab.close()
    const reading = (async () => {
      while (!(await source.next()).done);
    })()
    await Promise.all([expect(reading).rejects.toThrow(), source.return!()])
  })
})

describe('a request', () => {
  it('is sent to the next tab if the first one goes before it responds', async () => {
    const { network, swarm, open } = setUp()
    const requesters: string[] = []
    swarm.answerWith(PEER, (_question, from) => {
      requesters.push(from)
      return requesters.length === 1 ? new Promise(() => {}) : Promise.resolve({ value: 'yes' })
    })
    const first = await open('one')
    const answered = network.request(PEER, { ask: 'have' }, patient())
    await expect.poll(() => requesters).toEqual(['one'])
    first.close()
    await open('two')
    expect((await answered).value).toBe('yes')
    expect(requesters).toEqual(['one', 'two'])
  })

  it('fails if no tab leads', async () => {
    const { network } = setUp()
    await expect(network.request(PEER, {}, patient())).rejects.toThrow('no tab leads')
  })

  it('fails at once if the tab dies during bytes that cannot be resumed', async () => {
    const { tabs, network } = setUp()
    const worker = new Worker(new URL('./leading-worker.ts', import.meta.url), { type: 'module' })
    const id = crypto.randomUUID()
    const leads = new Promise((resolve, reject) => {
      worker.addEventListener('message', resolve, { once: true })
      worker.addEventListener('error', reject)
    })
    tabs.add(id, (message, transfer) => worker.postMessage(message, transfer))
    worker.postMessage({ lead: id })
    await leads
    const { value, bytes } = await network.request(PEER, { ask: 'leaves' }, patient())
    expect(value).toBe('zeros')
    let received = 0
    const reading = (async () => {
      for await (const chunk of bytes) {
        received += chunk.byteLength
        if (received > 4 * WINDOW_BYTES) worker.terminate()
      }
    })()
    await expect(reading).rejects.toThrow('the leading tab is gone')
  })

  it('of another version is ignored', () => {
    expect(toTabSchema.safeParse({ v: 1, type: 'look' }).success).toBe(true)
    expect(toTabSchema.safeParse({ v: 2, type: 'look' }).success).toBe(false)
    expect(toTabSchema.safeParse('stay awake').success).toBe(false)
  })
})

describe('a tab that does not react', () => {
  it('is deposed, and the other tabs are notified', async () => {
    const { tabs, network, swarm, open } = setUp()
    swarm.answerWith(PEER, async () => ({ value: 'yes' }))
    undo.push(await holdLead('frozen'))
    tabs.add('frozen', () => {})
    const posted: unknown[] = []
    tabs.add('other', (message) => posted.push(message))
    const answered = network.request(PEER, { ask: 'have' }, patient())
    await expect.poll(() => posted).toContainEqual({ v: 1, type: 'depose', leader: 'frozen' })
    await open('next')
    expect((await answered).value).toBe('yes')
  })
})

describe('the peers', () => {
  it('are named by the leading tab', async () => {
    const { network, open } = setUp()
    await open()
    await network.refresh(patient())
    expect(network.peers()).toEqual([PEER])
  })

  it('are not waited for if the settings name none', async () => {
    const { tabs } = setUp()
    const settings = async () => ({ peers: [] })
    const network = createTabNetwork({ ...tabs.deps, settings, verify: async () => false })
    await network.refresh(patient())
    expect(network.peers()).toEqual([])
  })

  it('stay while the next tab takes over, and go if none does', async () => {
    const { network, open } = setUp()
    const first = await open()
    await network.refresh(patient())
    first.close()
    await open().then((second) => {
      expect(network.peers()).toEqual([PEER])
      second.close()
    })
    await expect.poll(() => network.peers()).toEqual([])
  })
})
