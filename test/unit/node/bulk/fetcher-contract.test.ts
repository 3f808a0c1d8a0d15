import { describeFetcher } from '../../../contract/fetcher.ts'
import { DIGEST, onLoopback, openPeer, PEER } from './peer.ts'

describeFetcher(
  'HTTPS',
  async (content) => {
    const { offer, close } = await openPeer(content)
    return { fetcher: onLoopback(), peer: PEER, offer, digest: DIGEST, close }
  },
  { unsupported: { size: 1 } },
)
