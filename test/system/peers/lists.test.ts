/** What a peer has, as `flotilla peers ID` shows it: between processes, by libp2p. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { pushImage } from '../../support/push.ts'
import { asked, type RegistryPeer, startRegistryPeer } from './registry-peer.ts'

const MAIN = fileURLToPath(new URL('../../../src/node/cli/main.ts', import.meta.url))

async function run({ data }: RegistryPeer, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'peers', '--data', data, ...args])
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, stdout, stderr }
}

test('flotilla peers shows the repositories and tags of a peer', async () => {
  await using there = await startRegistryPeer([], {
    environment: { REGISTRY_SWARM_SHARE_DENY: '["secret"]' },
  })
  await using silent = await startRegistryPeer([], { environment: { REGISTRY_SWARM_SHARE_LIST: 'false' } })
  await using here = await startRegistryPeer([await there.peerAddress(), await silent.peerAddress()])
  const { digest } = await pushImage(asked(there), 'library/alpine', { tag: '3.22' })
  for (const name of ['secret', 'tools']) await pushImage(asked(there), name, { tag: 'latest' })
  const [id, silentId] = [await there.id(), await silent.id()]
  await here.meet(id, silentId)

  const told = (await here.status()).peers as unknown as { id: string; lists: boolean }[]
  expect(new Map(told.map((peer) => [peer.id, peer.lists]))).toEqual(
    new Map([
      [id, true],
      [silentId, false],
    ]),
  )

  const repositories = await run(here, id.slice(-8))
  expect(repositories).toMatchObject({ code: 0, stderr: '' })
  expect(repositories.stdout).toMatch(
    /^REPOSITORY {6}TAGS {2}SIZE\nlibrary\/alpine {2}1 {5}\d+ B\ntools .*\n$/,
  )

  const tags = await run(here, id.slice(0, 20), 'library/alpine')
  expect(tags.stdout).toMatch(new RegExp(`^TAG .*\\n3\\.22 +\\d+ B +20.{14}  ${digest}\\n$`))
  const json = JSON.parse((await run(here, id, 'library/alpine', '--json')).stdout)
  expect(json).toMatchObject([{ name: '3.22', digest }])

  const refused: [string[], RegExp][] = [
    [[silentId], /this peer does not tell what it has \(its setting swarm\.share\.list\)/],
    [[id, 'secret'], /this peer does not have the repository, or does not share it/],
    [['12D3KooW'], /several peers match/],
    [['12D3KooWNobody'], /no peer with this id is connected/],
  ]
  for (const [args, reason] of refused) {
    const answer = await run(here, ...args)
    expect([answer.code, answer.stdout]).toEqual([1, ''])
    expect(answer.stderr).toMatch(reason)
  }
})

test('the error of a failed pull names the untrusted peers that have the tag', async () => {
  await using there = await startRegistryPeer()
  await using here = await startRegistryPeer([await there.peerAddress()])
  await pushImage(asked(there), 'library/alpine', { tag: '3.22' })
  const id = await there.id()
  await here.meet(id)
  const response = await fetch(`${here.url}/v2/library/alpine/manifests/3.22`)
  const [{ detail }] = ((await response.json()) as { errors: [{ detail: object }] }).errors
  expect([response.status, detail]).toMatchObject([404, { reason: 'untrusted', peers: [id] }])
})
