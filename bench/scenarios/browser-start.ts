/** From the beginning of a visit to the first paint with content: for who comes the first time, and who comes again. */
import { openBrowser } from '../../test/system/e2e/support/browser.ts'
import { kibibytes, milliseconds } from '../browser/figures.ts'
import { type Loaded, type Painted, visitPainted } from '../browser/paint.ts'
import { profileOf, startPeer, urlOf } from '../browser/visit.ts'
import { KIB } from '../client/blob.ts'
import type { Scenario, Stage, Values } from '../scenario.ts'

const VISITS = ['first visit', 'next visit', 'another tab']

export const browserStart: Scenario = {
  name: 'browser-start',
  title: 'First paint of the page',
  figures: VISITS.flatMap((visit) => [
    milliseconds(`${visit}, first paint`, 1000),
    milliseconds(`${visit}, view drawn`),
    milliseconds(`${visit}, registry's answer`),
    kibibytes(`${visit}, loaded before`),
    kibibytes(`${visit}, of it worker, SQLite, libp2p`, 0),
    kibibytes(`${visit}, loaded after`),
  ]),
  lasts: 'round',
  alone: true,
  ready: async (stage) => () => measureVisits(stage),
}

async function measureVisits(stage: Stage): Promise<Values> {
  const url = urlOf(await startPeer(stage))
  const first = await visitOnce(stage, (visit) => visit(url))
  const [next, another] = await visitOnce(
    stage,
    async (visit) => [await visit(url), await visit(url)] as const,
  )
  return {
    ...valuesOf('first visit', first),
    ...valuesOf('next visit', next),
    ...valuesOf('another tab', another),
  }
}

/** In a browser that has just begun, on the profile that it had before. */
async function visitOnce<T>(
  stage: Stage,
  visits: (visit: (url: string) => Promise<Painted>) => Promise<T>,
): Promise<T> {
  await using browser = await openBrowser(profileOf(stage))
  return await visits((url) => visitPainted(browser.context, url))
}

const valuesOf = (visit: string, { paint, view, answer, before, after }: Painted): Values => ({
  [`${visit}, first paint`]: paint,
  [`${visit}, view drawn`]: view,
  [`${visit}, registry's answer`]: answer,
  [`${visit}, loaded before`]: kibibytesOf(before),
  [`${visit}, of it worker, SQLite, libp2p`]: before.largeParts / KIB,
  [`${visit}, loaded after`]: kibibytesOf(after),
})

const kibibytesOf = ({ bytes }: Loaded): number => bytes / KIB
