/** The folder by which registries of one user on one machine find each other. */
import { once } from 'node:events'
import { chmod, mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRendezvous, type Rendezvous } from '../../../../src/node/swarm/rendezvous.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts'

const ONE = '12D3KooWPyVgfRtL59v7r1PSAv7KMqe2RXD7HYXL8CUbbYaugmZ9'
const OTHER = '12D3KooWFgkg3xdnm1qZ7Rw3oxbcpF2zg42BxWVELcxCp7cMxNdX'
const ADDRESSES = ['/ip4/127.0.0.1/tcp/4001']

let temporary: TemporaryFolder
let folder: string
let place: Rendezvous

beforeEach(async () => {
  temporary = await openTemporaryFolder()
  folder = join(temporary.path, 'flotilla')
  place = (await openRendezvous([folder]))[0]!
})

afterEach(() => temporary[Symbol.asyncDispose]())

const age = (name: string, seconds: number) => {
  const then = Date.now() / 1000 - seconds
  return utimes(join(folder, name), then, then)
}

describe('an announcement', () => {
  it('is found, until it is withdrawn', async () => {
    await place.announce({ id: ONE, addresses: [] })
    await place.announce({ id: ONE, addresses: ADDRESSES })
    await place.announce({ id: OTHER, addresses: ADDRESSES })
    const words = await place.announcements()
    expect(words.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual([
      { id: OTHER, addresses: ADDRESSES },
      { id: ONE, addresses: ADDRESSES },
    ])
    await place.withdraw(ONE)
    expect((await place.announcements()).map(({ id }) => id)).toEqual([OTHER])
  })

  it('notifies watchers at once', async () => {
    const change = Promise.withResolvers<string | undefined>()
    const watcher = place.watch(change.resolve)
    await place.announce({ id: ONE, addresses: ADDRESSES })
    expect(await place.announcements(await change.promise)).toEqual([{ id: ONE, addresses: ADDRESSES }])
    watcher.close()
    await once(watcher, 'close')
  })

  it('does not notify anyone when it is renewed', async () => {
    await place.announce({ id: ONE, addresses: ADDRESSES })
    const told: (string | undefined)[] = []
    const change = Promise.withResolvers<void>()
    const watcher = place.watch((id) => {
      told.push(id)
      if (id === OTHER) change.resolve()
    })
    await age(ONE, 50)
    await place.announce({ id: ONE, addresses: ADDRESSES })
    await place.announce({ id: OTHER, addresses: ADDRESSES })
    await change.promise
    expect(told).toEqual([OTHER])
    expect(Date.now() - (await stat(join(folder, ONE))).mtimeMs).toBeLessThan(30_000)
    watcher.close()
  })

  it('and was removed is left again', async () => {
    await place.announce({ id: ONE, addresses: ADDRESSES })
    await place.withdraw(ONE)
    await place.announce({ id: ONE, addresses: ADDRESSES })
    expect(await place.announcements(ONE)).toEqual([{ id: ONE, addresses: ADDRESSES }])
  })

  it('and not renewed is removed, what was not finished too', async () => {
    await place.announce({ id: ONE, addresses: ADDRESSES })
    await writeFile(join(folder, `.${OTHER}`), 'half')
    await age(ONE, 120)
    await age(`.${OTHER}`, 120)
    expect(await place.announcements()).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    ['is no JSON', 'nothing'],
    ['is too long', JSON.stringify(['/'.repeat(20_000)])],
  ])('and %s is passed over', async (_, text) => {
    await writeFile(join(folder, ONE), text)
    await place.announce({ id: OTHER, addresses: ADDRESSES })
    expect((await place.announcements()).map(({ id }) => id)).toEqual([OTHER])
  })

  it('has no addresses but texts', async () => {
    await writeFile(join(folder, ONE), JSON.stringify([1, null, ...ADDRESSES]))
    await writeFile(join(folder, OTHER), JSON.stringify({ a: 1 }))
    const words = await place.announcements()
    expect(words.flatMap(({ addresses }) => addresses)).toEqual(ADDRESSES)
  })
})

describe('the folder', () => {
  it("is the user's alone", async () => {
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('is not used if other users can read it, if it is a link, or if it cannot be created', async () => {
    const open = join(temporary.path, 'open')
    await mkdir(open)
    await chmod(open, 0o755)
    const link = join(temporary.path, 'link')
    await symlink(folder, link)
    expect(await openRendezvous([open, link, join(temporary.path, 'none', 'such')])).toEqual([])
  })
})
