import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { type ByteRange, lengthOf } from '../../../../../src/core/oci/range.ts'
import { createStreamFetcher } from '../../../../../src/core/swarm/download/fetch-by-stream.ts'
import { describeFetcher } from '../../../../contract/fetcher.ts'
import { createMemoryNetwork } from '../../../../support/memory-network.ts'

const DIGEST = `sha256:${'5e'.repeat(32)}` as Digest

describeFetcher('a stream', async (content) => {
  const networks = createMemoryNetwork()
  const network = networks.join('receiver')
  const range = ({ start, end }: ByteRange) => ({
    value: { size: content.size, length: lengthOf({ start, end }) },
    body: content.stream({ start, end }),
  })
  networks.join('provider', range)
  const offer = { size: content.size }
  return {
    fetcher: createStreamFetcher(network),
    peer: 'provider',
    offer,
    digest: DIGEST,
    close: async () => {},
  }
})
