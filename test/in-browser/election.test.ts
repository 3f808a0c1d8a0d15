import { afterEach, expect, it } from 'vitest'
import { type Candidacy, createCandidacy } from '../../src/browser/tab/election.ts'

const candidacies: Candidacy[] = []
afterEach(() => {
  for (const candidacy of candidacies.splice(0)) candidacy.withdraw()
})

/** Candidates in this window: locks work the same between them as between tabs. */
function setUp() {
  const leaders = new Set<string>()
  const stand = (id: string) => {
    const candidacy = createCandidacy({
      whoAmI: async () => id,
      lead: (signal) =>
        new Promise((resolve) => {
          leaders.add(id)
          signal.addEventListener('abort', () => {
            leaders.delete(id)
            resolve()
          })
        }),
    })
    candidacies.push(candidacy)
    return candidacy
  }
  return { stand, leaders: () => [...leaders] }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 200))

it('is one candidate', async () => {
  const { stand, leaders } = setUp()
  for (const id of ['one', 'two', 'three']) stand(id)
  await expect.poll(leaders).toHaveLength(1)
  await settled()
  expect(leaders()).toHaveLength(1)
})

it('changes when the leader withdraws, which may become a candidate again', async () => {
  const { stand, leaders } = setUp()
  const one = stand('one')
  await expect.poll(leaders).toEqual(['one'])
  const two = stand('two')
  one.withdraw()
  await expect.poll(leaders).toEqual(['two'])
  one.stand()
  await settled()
  expect(leaders()).toEqual(['two'])
  two.withdraw()
  await expect.poll(leaders).toEqual(['one'])
})

it('changes when the leader is deposed, by any of the others', async () => {
  const { stand, leaders } = setUp()
  const one = stand('one')
  await expect.poll(leaders).toEqual(['one'])
  const others = ['two', 'three'].map(stand)
  await settled()
  await Promise.all(others.map((other) => other.depose('one')))
  await expect.poll(leaders).not.toContain('one')
  await settled()
  expect(leaders()).toHaveLength(1)
  expect(leaders()).not.toContain('one')
  for (const other of others) other.withdraw()
  await expect.poll(leaders).toEqual(['one'])
  one.withdraw()
})

it('stays the same if the deposed tab does not lead', async () => {
  const { stand, leaders } = setUp()
  stand('one')
  await expect.poll(leaders).toEqual(['one'])
  await stand('two').depose('three')
  await settled()
  expect(leaders()).toEqual(['one'])
})
