/** What is remembered when nobody has a blob, and what a caller gets that wants all of it. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryNetwork, type MemoryNetwork } from '../../../../support/memory-network.ts'
import { openReceiver, type Receiver, type ReceiverOptions } from '../receiver.ts'
import { type Bent, bytesOf, digestOf, MIB, seederOf } from '../seeder.ts'

const bytes = bytesOf(3 * MIB)
const digest = digestOf(bytes)

async function beside(bent: Bent, options?: ReceiverOptions): Promise<Receiver & { network: MemoryNetwork }> {
  const network = createMemoryNetwork()
  network.join('peer', seederOf(bytes, digest, bent).answer)
  const receiver = await openReceiver(network.join('me'), options)
  onTestFinished(() => receiver.downloads.close())
  return { ...receiver, network }
}

const ABSENT: Bent = { have: () => null }

describe('a blob that nobody has', () => {
  it('is looked for once by a burst of requests', async () => {
    const { downloads, network } = await beside(ABSENT)
    for (let number = 0; number < 10; number++) await downloads.fetch('a', digest)
    expect(network.requests).toEqual(['have peer'])
  })

  it('is looked for again further away when only connected peers were asked', async () => {
    const { downloads, network } = await beside(ABSENT)
    await downloads.fetch('a', digest, { isComplete: true })
    await downloads.fetch('a', digest)
    expect(network.requests).toEqual(['have peer', 'have peer'])
  })
})

it('a blob that does not belong to the repository is not looked for, and that is asked once', async () => {
  let asked = 0
  const belongs = async () => {
    asked++
    return false
  }
  const { downloads, network } = await beside({}, { belongs })
  const fetch = () => downloads.fetch('a', digest)
  expect(await Promise.all([fetch(), fetch()])).toEqual([undefined, undefined])
  expect(await fetch()).toBeUndefined()
  expect(asked).toBe(1)
  expect(network.requests).toEqual([])
})

it('a search goes on when one of its callers leaves', async () => {
  const { downloads, network } = await beside({})
  const leaving = new AbortController()
  const left = downloads.fetch('a', digest, { signal: leaving.signal })
  const stayed = downloads.fetch('a', digest)
  leaving.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  expect(await stayed).toMatchObject({ size: bytes.length })
  expect(network.requests.filter((question) => question === 'have peer')).toHaveLength(1)
})

describe('a complete blob', () => {
  it('is given when it is here', async () => {
    const { downloads, store } = await beside({})
    expect(await downloads.fetch('a', digest, { isComplete: true })).toMatchObject({ size: bytes.length })
    expect(await store.blobs.get('a', digest)).toBeDefined()
  })

  it('is not given if the download fails', async () => {
    const { downloads } = await beside({ range: () => Promise.reject(new Error('connection lost')) })
    expect(await downloads.fetch('a', digest, { isComplete: true })).toBeUndefined()
  })

  it('is not given if it takes too long', async () => {
    const { downloads } = await beside({ pause: 1000 }, { stall: 60_000 })
    expect(await downloads.fetch('a', digest, { isComplete: true })).toBeUndefined()
  })
})
