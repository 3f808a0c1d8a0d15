import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { pushImage } from '../../../support/push.ts'

let registry: InMemoryRegistry

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  registry = await openInMemoryRegistry()
  onTestFinished(() => registry.close())
})

afterEach(() => vi.useRealTimers())

async function push(tag: string, version: string, name = 'a'): Promise<string> {
  vi.setSystemTime(Date.now() + 1000)
  return (await pushImage(registry, name, { tag, annotations: { version } })).digest
}

const history = (tag: string, name = 'a') => registry.store.catalog.tags.history(name, tag)

describe('the history of a tag', () => {
  it('holds every digest that the tag has ever named, latest first', async () => {
    const [first, second, third] = [
      await push('latest', '1'),
      await push('latest', '2'),
      await push('latest', '3'),
    ]
    expect(await history('latest')).toEqual([third, second, first])
  })

  it('holds a digest once, at its latest time', async () => {
    const [first, second] = [await push('latest', '1'), await push('latest', '2')]
    await push('latest', '1')
    expect(await history('latest')).toEqual([first, second])
  })

  it('is separate for each repository and tag', async () => {
    const [first, second] = [await push('one', '1'), await push('two', '2')]
    const elsewhere = await push('one', '3', 'b')
    expect(await history('one')).toEqual([first])
    expect(await history('two')).toEqual([second])
    expect(await history('one', 'b')).toEqual([elsewhere])
    expect(await history('three')).toEqual([])
  })

  it('outlives the manifests that it names', async () => {
    const [first, second] = [await push('latest', '1'), await push('latest', '2')]
    await registry.fetch('DELETE', `/v2/a/manifests/${first}`)
    expect(await history('latest')).toEqual([second, first])
  })

  it('goes with the tag', async () => {
    await push('latest', '1')
    await registry.fetch('DELETE', '/v2/a/manifests/latest')
    expect(await history('latest')).toEqual([])
  })
})
