/** `flotilla copy` between registries as users run them. */
import { expect, it } from 'vitest'
import { pushImage } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { failed, flotilla, optionsIn } from './command.ts'

it('copies an image to another registry, with its signature, and to another name', async () => {
  await using folder = await openTemporaryFolder()
  await using from = await startRegistry()
  await using to = await startRegistry()
  const source = {
    fetch: (method: string, path: string, asking = {}) =>
      fetch(new URL(path, from.url), { method, ...asking } as RequestInit),
  }
  const { digest, ...image } = await pushImage(source, 'app', { tag: '1' })
  await pushImage(source, 'app', { subject: { ...image, digest }, artifactType: 'signature' })
  const copy = (...args: string[]) => flotilla(['copy', ...args], optionsIn(folder.path))

  expect(await copy('app:1', '--from', from.url, '--to', to.url)).toEqual({
    code: 0,
    stdout: `app:1@${digest}\n`,
    stderr: '',
  })
  const referrers = await (await fetch(`${to.url}/v2/app/referrers/${digest}`)).json()
  expect(referrers.manifests).toHaveLength(1)

  const here = ['--from', to.url, '--to', to.url]
  expect((await copy(`app@${digest}`, 'team/app:stable', ...here)).stdout).toBe(`team/app:stable@${digest}\n`)
  const head = await fetch(`${to.url}/v2/team/app/manifests/stable`, { method: 'HEAD' })
  expect(head.headers.get('docker-content-digest')).toBe(digest)

  expect(await copy('app:2', ...here)).toEqual(
    failed(`cannot copy app:2 from ${to.url} to ${to.url}: the registry has no app:2`),
  )
  expect(await copy('app:1', 'App:2')).toEqual(failed('App:2 is not repository:tag'))
})
