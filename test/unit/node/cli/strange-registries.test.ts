/** What commands say if something other than a working registry responds: one line, and never success. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { digestOf } from '../../../support/push.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { dockerSave, tarOf } from '../../core/archive/tars.ts'
import { type Ended, failed, flotilla, optionsIn } from './command.ts'
import { type Kind, openStrange } from './strange-server.ts'

const OTHER_KIND = 'HOST: what answers is not a Flotilla registry; use --addr or --data for another one'
const BROKEN = 'HOST: the connection broke'

/** What push and save find, and what the commands for the owner say. */
const KINDS: readonly (readonly [Kind, push: string, save: string, owner: string])[] = [
  ['a web site', 'cannot push: what answers is not a registry: it sends a web page', 'same', OTHER_KIND],
  ['a log-in page', 'cannot push: what answers is not a registry: it sends a web page', 'same', OTHER_KIND],
  [
    'an API that is always pleased',
    'cannot push: what answers is not a registry: it starts an upload without a Location header',
    'cannot save: schemaVersion must be 2',
    OTHER_KIND,
  ],
  [
    'one that answers with nothing',
    'cannot push: what answers is not a registry: it starts an upload without a Location header',
    'cannot save: manifest is not valid JSON',
    OTHER_KIND,
  ],
  [
    'one that asks who it is',
    'cannot push: authentication required; flotilla cannot log in to a registry yet',
    'cannot save: authentication required; flotilla cannot log in to a registry yet',
    'HOST: authentication required',
  ],
  [
    'one that refuses',
    'cannot push: requested access to the resource is denied',
    'cannot save: requested access to the resource is denied',
    'HOST: requested access to the resource is denied',
  ],
  ['one that fails', 'cannot push: the registry answers 500 Internal Server Error', 'same', OTHER_KIND],
  ['a proxy without its server', 'cannot push: the registry answers 502 Bad Gateway', 'same', OTHER_KIND],
  ['one that redirects without end', 'no registry: it redirects in a circle', 'same', OTHER_KIND],
  [
    'one that commands the terminal',
    'cannot push: first [2J ]0;owned second',
    'cannot save: first [2J ]0;owned second',
    'HOST: first [2J ]0;owned second',
  ],
  [
    'one that is cut off',
    'cannot push: what answers is not a registry: it starts an upload without a Location header',
    'cannot save: the connection broke while the response was read',
    BROKEN,
  ],
  [
    'no HTTP at all',
    'no registry: what listens there does not speak HTTP',
    'same',
    'no registry answers on HOST: what listens there does not speak HTTP; use --data to name the data folder of another one',
  ],
  [
    'one that hangs up',
    'no registry: the connection broke',
    'same',
    'no registry answers on HOST: the connection broke; use --data to name the data folder of another one',
  ],
]

/** All ask in the same way, so each of them meets some. */
const OWNER = [['peers'], ['images', 'some/app'], ['keep', `some/app@${digestOf('')}`], ['evict']]

it.each(KINDS.map((row, index) => [...row, OWNER[index % OWNER.length]!] as const))('%s', async (...row) => {
  const [kind, pushed, saved, told, command] = row
  await using folder = await openTemporaryFolder()
  await using strange = await openStrange(kind)
  const url = `http://${strange.host}`
  const options = optionsIn(folder.path)
  const run = async (...commandLine: string[]) =>
    withoutHost(await flotilla(commandLine, options), strange.host)
  await writeFile(join(folder.path, 'app.tar'), await tarOf(dockerSave()))
  await mkdir(join(folder.path, 'data'))
  await writeFile(join(folder.path, 'data/owner.json'), JSON.stringify({ url, token: 'secret' }))

  const [push, save] = [pushed, saved === 'same' ? pushed.replace('cannot push', 'cannot save') : saved]
  expect(await run('push', 'app.tar', '--to', url)).toEqual(failed(full(push, 'push app.tar to', '--to')))
  expect(await run('save', 'app:1', '-o', 'out.tar', '--from', url)).toEqual(
    failed(full(save, 'save app:1 from', '--from')),
  )
  expect(await run(...command, '--data', 'data')).toEqual(failed(told))
})

const full = (words: string, what: string, option: string): string =>
  words.startsWith('no registry: ')
    ? `${words.replace('no registry', 'no registry answers on http://HOST')}; use ${option} for another registry`
    : words.replace(/^cannot \w+/, `cannot ${what} http://HOST`)

const withoutHost = (ended: Ended, host: string): Ended => ({
  ...ended,
  stderr: ended.stderr.replaceAll(host, 'HOST'),
})
