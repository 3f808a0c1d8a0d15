import { expect, it } from 'vitest'
import { noProviderRecords } from '../../../../src/core/libp2p/content-routing.ts'
import { openNetwork } from '../../../../src/core/libp2p/network.ts'
import { createTraffic } from '../../../../src/core/libp2p/traffic.ts'
import { describeNetwork } from '../../../contract/network.ts'
import { openTestNetworks } from './peers.ts'

describeNetwork('libp2p over TCP', openTestNetworks)

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

it('aborts a stream that opens at the moment at which the signal aborts', async () => {
  const controller = new AbortController()
  const stream = Object.assign(new EventTarget(), {
    status: 'open',
    send: () => true,
    close: async () => {},
    abort(error: Error) {
      stream.status = 'aborted'
      stream.dispatchEvent(Object.assign(new Event('close'), { error }))
    },
  })
  const libp2p = {
    peerId: PEER,
    register: async () => '',
    async dialProtocol() {
      queueMicrotask(() => controller.abort(new Error('changed my mind')))
      return stream
    },
  } as never
  const traffic = createTraffic()
  const network = await openNetwork({
    libp2p,
    privateKey: {} as never,
    providers: noProviderRecords,
    traffic,
  })
  await expect(network.request(PEER, {}, controller)).rejects.toThrow('changed my mind')
  expect(stream.status).toBe('aborted')
})
