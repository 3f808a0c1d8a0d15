import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { type Client, createClient } from './client.ts'
import { expectTidy, uploadFiles } from './data-folder.ts'
import { Knowledge } from './knowledge.ts'
import { runLoad } from './load.ts'
import { createRandom, type Random } from './random.ts'
import { resumeUploads, verifyContent, verifyPresence } from './verify.ts'

const KILLS = 100
/** Registries that are killed side by side, each as many times. */
const REGISTRIES = 2
const LONGEST_LOAD = 400
const SAMPLE = 15

const environment = { REGISTRY_STORAGE_DELETE_ENABLED: 'true', REGISTRY_LOG_ACCESSLOG_DISABLED: 'true' }

test(`${KILLS} times killed in a mixed push load, nothing that was acknowledged is lost`, async () => {
  const seed = randomInt(2 ** 31)
  console.info(`seed of this run: ${seed}`)
  const kills = KILLS / REGISTRIES
  await Promise.all(
    Array.from({ length: REGISTRIES }, (_, number) => killAgainAndAgain(seed + number, kills)),
  )
})

const killAgainAndAgain = async (seed: number, kills: number): Promise<void> => {
  const random = createRandom(seed)
  await using registry = await startRegistry({ environment })
  const client = createClient(() => registry.url)
  const knowledge = new Knowledge()

  // On a slow machine, until it was load enough.
  for (let round = 0; round < kills || knowledge.all().length <= 10 * kills; round++) {
    await killUnderLoad(registry, client, knowledge, random)
    await registry.restart()
    await expectOnlyKnownUploads(registry.data, knowledge)
    await resumeUploads(client, knowledge)
    await verifyContent(client, knowledge, knowledge.takeUnchecked())
    await verifyContent(client, knowledge, sampleOf(knowledge.all(), random))
  }

  await verifyPresence(client, knowledge, knowledge.all())
  expect(await registry.stop()).toBe(0)
  await expectTidy(registry.data)
}

const killUnderLoad = async (
  registry: RegistryProcess,
  client: Client,
  knowledge: Knowledge,
  random: Random,
): Promise<void> => {
  const ending = new AbortController()
  const load = runLoad(client, knowledge, random.integer(0, 2 ** 31), ending.signal)
  await Promise.race([load, delay(random.integer(0, LONGEST_LOAD))])
  ending.abort()
  await registry.kill()
  await load
}

/** Bytes of an upload whose beginning was not answered are of use to nobody. */
const expectOnlyKnownUploads = async (data: string, knowledge: Knowledge): Promise<void> => {
  const known = [...knowledge.uploads].map(({ path }) => path.split('/').at(-1))
  expect(known).toEqual(expect.arrayContaining(await uploadFiles(data)))
}

const sampleOf = (paths: readonly string[], random: Random): string[] =>
  Array.from({ length: SAMPLE }, () => random.pick(paths))
