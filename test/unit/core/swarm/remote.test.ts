import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { Remote, RemoteBlob } from '../../../../src/core/store/remote.ts'
import { createRemote } from '../../../../src/core/swarm/remote.ts'
import { createSharePolicy } from '../../../../src/core/swarm/serve/share-policy.ts'
import { digestOf } from '../../../support/push.ts'

const DIGEST = digestOf('content') as Digest

/** The swarm's view for the registry, over parts that write down what is asked of them. */
function open(fetch: () => Promise<RemoteBlob | undefined> = async () => undefined): {
  asked: string[]
  remote: Remote
} {
  const asked: string[] = []
  const remote = createRemote({
    sharing: createSharePolicy({ allow: ['.*'], deny: ['closed'] }, {} as never),
    downloads: {
      fetch(repository, _, { isComplete } = {}) {
        asked.push(`blob ${repository}${isComplete ? ' complete' : ''}`)
        return fetch()
      },
      underWay: () => undefined,
      close: async () => {},
    },
    manifests: {
      async pull({ repository }) {
        asked.push(`manifest ${repository}`)
        return undefined
      },
      pullFrom: async () => undefined,
    },
    previews: {
      async read({ repository, what }) {
        asked.push(`look at ${what} ${repository}`)
        return undefined
      },
    },
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
  it('is asked only for shared repositories', async () => {
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
    for (let number = 0; number < 5; number++) await remote.manifest('a', DIGEST, {})
    await Promise.all(Array.from({ length: 10 }, () => remote.manifest('a', DIGEST, {})))
    expect(asked).toEqual(['manifest a'])
  })

  it('is asked for a complete blob by a HEAD', async () => {
    const { asked, remote } = open()
    await remote.blob('a', DIGEST, { complete: true })
    expect(asked).toEqual(['blob a complete'])
  })

  it('is asked again after a failure', async () => {
    const { asked, remote } = open(() => Promise.reject(new Error('disk is full')))
    await expect(remote.blob('a', DIGEST, {})).rejects.toThrow('disk is full')
    await expect(remote.blob('a', DIGEST, {})).rejects.toThrow('disk is full')
    expect(asked).toHaveLength(2)
  })
})
