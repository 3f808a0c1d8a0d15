import type { RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import { describeNetwork } from '../../../contract/network.ts'
import { createMemoryNetwork } from '../../../support/memory-network.ts'

describeNetwork('the network in memory', async (count) => {
  const network = createMemoryNetwork()
  const answers = new Map<string, RequestHandler>()
  const networks = Array.from({ length: count }, (_, number) => {
    const id = `peer ${number}`
    return network.join(id, async (...asked) => answers.get(id)?.(...asked) ?? { value: null })
  })
  return {
    networks,
    answerWith: ({ self }, answer) => answers.set(self, answer),
    leave: async ({ self }) => network.kill(self),
    close: async () => {
      for (const { self } of networks) network.kill(self)
    },
  }
})
