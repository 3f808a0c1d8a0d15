/** Tabs come and go while the service worker asks: what it gets through them goes on, or fails at once. */
import { afterEach, describe, expect, it } from 'vitest'
import { createTabNetwork } from '../../src/browser/swarm/tab/network.ts'
import { toTabSchema, WINDOW } from '../../src/browser/tab-protocol.ts'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import { createSwarm, openLeadingTab } from './bridged-networks.ts'
import { createFakeTabs, holdLead } from './fake-tabs.ts'

const SIZE = 8 * WINDOW
const PEER = 'peer'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

const patient = () => ({ signal: AbortSignal.timeout(30_000) })
const byteAt = (position: number): number => (position * 31 + (position >> 16)) % 251

function setUp() {
  const tabs = createFakeTabs()
  const network = createTabNetwork({ ...tabs.parts, verify: async () => false })
  const swarm = createSwarm([PEER])
  const open = async (id: string = crypto.randomUUID()) => {
    const tab = await openLeadingTab(id, tabs, swarm, network.receive)
    undo.push(tab.close)
    return tab
  }
  return { tabs, network, swarm, open }
}

/** Answers ranges of a blob, and tells where they began and what was made of them. */
function blob() {
  const starts: number[] = []
  const made = { bytes: 0 }
  async function* body(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at <= end; at += 65_536) {
      made.bytes += 65_536
      yield Uint8Array.from({ length: Math.min(65_536, end + 1 - at) }, (_, index) => byteAt(at + index))
    }
  }
  const answer = async (question: unknown) => {
    const { start, end } = question as { start: number; end: number }
    starts.push(start)
    return { value: { size: SIZE }, body: body(start, end) }
  }
  return { starts, made, answer }
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
  it('goes on with the next tab at the byte it had come to', async () => {
    const { network, swarm, open } = setUp()
    const { starts, answer } = blob()
    swarm.answerWith(PEER, answer)
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

  it('takes no more memory than a window where nobody reads', async () => {
    const { network, swarm, open } = setUp()
    const { made, answer } = blob()
    swarm.answerWith(PEER, answer)
    await open()
    const { bytes } = await network.request(PEER, RANGE, patient())
    await expect.poll(() => made.bytes).toBeGreaterThan(WINDOW)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(made.bytes).toBeLessThanOrEqual(WINDOW + 65_536)
    expect(await checkedSize(bytes)).toBe(SIZE)
  })

  it('ends when it is let go of while no tab leads', async () => {
    const { network, swarm, open } = setUp()
    swarm.answerWith(PEER, blob().answer)
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

describe('a question', () => {
  it('is put to the next tab where the first goes before it answers', async () => {
    const { network, swarm, open } = setUp()
    const asked: string[] = []
    swarm.answerWith(PEER, (_question, from) => {
      asked.push(from)
      return asked.length === 1 ? new Promise(() => {}) : Promise.resolve({ value: 'yes' })
    })
    const first = await open('one')
    const answered = network.request(PEER, { ask: 'have' }, patient())
    await expect.poll(() => asked).toEqual(['one'])
    first.close()
    await open('two')
    expect((await answered).value).toBe('yes')
    expect(asked).toEqual(['one', 'two'])
  })

  it('fails where no tab leads', async () => {
    const { network } = setUp()
    await expect(network.request(PEER, {}, patient())).rejects.toThrow('no tab leads')
  })

  it('fails at once where the tab dies among bytes that cannot be gone on with', async () => {
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
        if (received > 4 * WINDOW) worker.terminate()
      }
    })()
    await expect(reading).rejects.toThrow('the leading tab is gone')
  })

  it('of another version is not minded', () => {
    expect(toTabSchema.safeParse({ v: 1, type: 'look' }).success).toBe(true)
    expect(toTabSchema.safeParse({ v: 2, type: 'look' }).success).toBe(false)
    expect(toTabSchema.safeParse('stay awake').success).toBe(false)
  })
})

describe('a tab that does not react', () => {
  it('is given up, and the others are told', async () => {
    const { tabs, network, swarm, open } = setUp()
    swarm.answerWith(PEER, async () => ({ value: 'yes' }))
    undo.push(await holdLead('frozen'))
    tabs.add('frozen', () => {})
    const told: unknown[] = []
    tabs.add('other', (message) => told.push(message))
    const answered = network.request(PEER, { ask: 'have' }, patient())
    await expect.poll(() => told).toContainEqual({ v: 1, type: 'depose', leader: 'frozen' })
    await open('next')
    expect((await answered).value).toBe('yes')
  })
})

describe('the peers', () => {
  it('are learnt from the tab that leads', async () => {
    const { network, open } = setUp()
    await open()
    await network.refresh(patient())
    expect(network.peers()).toEqual([PEER])
  })

  it('are not waited for where the settings name none', async () => {
    const { tabs } = setUp()
    const settings = async () => ({ peers: [] })
    const network = createTabNetwork({ ...tabs.parts, settings, verify: async () => false })
    await network.refresh(patient())
    expect(network.peers()).toEqual([])
  })

  it('stay while the next tab takes over, and go where none does', async () => {
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
