import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { Remote } from '../../../../src/core/store/remote.ts'
import type { Download } from '../../../../src/core/swarm/download/downloads.ts'
import { createRemote } from '../../../../src/core/swarm/remote.ts'
import { createSharePolicy } from '../../../../src/core/swarm/serve/share-policy.ts'
import { digestOf } from '../../../support/push.ts'

const DIGEST = digestOf('content') as Digest

const downloadOf = (done: Promise<void>): Download => ({
  size: 7,
  stream: () => new Blob(['content']).stream(),
  sources: () => new Map(),
  done,
})

/** The swarm's view for the registry, over parts that write down what is asked of them. */
function open(fetch: () => Promise<Download | undefined> = async () => undefined): {
  asked: string[]
  remote: Remote
} {
  const asked: string[] = []
  const remote = createRemote({
    sharing: createSharePolicy({ allow: ['.*'], deny: ['closed'] }, {} as never),
    downloads: {
      fetch(repository, _, { connectedOnly } = {}) {
        asked.push(`blob ${repository}${connectedOnly ? ' connected' : ''}`)
        return fetch()
      },
      attend: () => () => {},
      underWay: () => undefined,
      close: async () => {},
    },
    manifests: {
      async bring({ repository }) {
        asked.push(`manifest ${repository}`)
        return undefined
      },
      bringFrom: async () => undefined,
    },
    looking: {
      async look({ repository, what }) {
        asked.push(`look at ${what} ${repository}`)
        return undefined
      },
    },
    belonging: { belongs: async () => true },
    tags: {
      async find(repository) {
        asked.push(`tag ${repository}`)
        return undefined
      },
      sign: async () => undefined,
    },
    referrers: {
      merge(repository) {
        asked.push(`referrers ${repository}`)
        return new Promise(() => {})
      },
    },
    settings: { timeout: 50 },
    tagAge: () => 0,
    closing: new AbortController().signal,
  })
  return { asked, remote }
}

const askAll = ({ blob, manifest, tag, preview: look, referrers }: Remote, repository: string) =>
  Promise.all([
    blob(repository, DIGEST, {}),
    manifest(repository, DIGEST, {}),
    tag(repository, '1', {}),
    look(repository, DIGEST, { what: 'blob' }),
    referrers(repository, DIGEST, {}),
  ])

describe('the swarm', () => {
  it('is asked for what belongs to shared repositories', async () => {
    const { asked, remote } = open()
    await askAll(remote, 'a')
    expect(asked.sort()).toEqual(['blob a', 'look at blob a', 'manifest a', 'referrers a', 'tag a'])
  })

  it('does not hear of others', async () => {
    const { asked, remote } = open()
    expect(await askAll(remote, 'closed')).toEqual(Array(5).fill(undefined))
    expect(asked).toEqual([])
  })

  it('is asked once by a burst of misses', async () => {
    const { asked, remote } = open()
    for (let number = 0; number < 10; number++) await remote.blob('a', DIGEST, {})
    await Promise.all(Array.from({ length: 10 }, () => remote.manifest('a', DIGEST, {})))
    expect(asked).toEqual(['blob a', 'manifest a'])
  })

  it('is asked again after a HEAD that found nobody among the connected peers', async () => {
    const { asked, remote } = open()
    await remote.blob('a', DIGEST, { complete: true })
    await remote.blob('a', DIGEST, {})
    expect(asked).toEqual(['blob a connected', 'blob a'])
  })

  it('goes on looking when a client leaves, for those who stay', async () => {
    let found: (download: Download) => void = () => {}
    const { asked, remote } = open(() => new Promise((resolve) => (found = resolve)))
    const leaving = new AbortController()
    const left = remote.blob('a', DIGEST, { signal: leaving.signal })
    const stayed = remote.blob('a', DIGEST, {})
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    found(downloadOf(Promise.resolve()))
    expect(await stayed).toMatchObject({ size: 7 })
    expect(asked).toEqual(['blob a'])
  })

  it('is asked again after a failure', async () => {
    const { asked, remote } = open(() => Promise.reject(new Error('disk is full')))
    await expect(remote.blob('a', DIGEST, {})).rejects.toThrow('disk is full')
    await expect(remote.blob('a', DIGEST, {})).rejects.toThrow('disk is full')
    expect(asked).toHaveLength(2)
  })
})

describe('a whole blob', () => {
  it('is there when it is here', async () => {
    const { remote } = open(async () => downloadOf(Promise.resolve()))
    expect(await remote.blob('a', DIGEST, { complete: true })).toMatchObject({ size: 7 })
  })

  it('is not there when it could not be had', async () => {
    const { remote } = open(async () => downloadOf(Promise.reject(new Error('no peer left'))))
    expect(await remote.blob('a', DIGEST, { complete: true })).toBeUndefined()
  })

  it('is not there when it takes too long', async () => {
    const { remote } = open(async () => downloadOf(new Promise(() => {})))
    expect(await remote.blob('a', DIGEST, { complete: true })).toBeUndefined()
  })
})
