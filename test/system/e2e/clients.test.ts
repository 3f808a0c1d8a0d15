/** Real clients use the registry in a page, through the bridge. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestsOf } from '../../fixtures/stored-image.ts'
import { type ClientHome, openClientHome } from '../clients/client-home.ts'
import { imageNamed } from '../clients/corpus.ts'
import { createSkopeo, type Skopeo } from '../clients/skopeo.ts'
import { type BridgedPage, openBridgedPage } from './support/bridged-page.ts'
import { controlled } from './support/browser.ts'
import { pullImage } from './support/in-page.ts'

let target: BridgedPage
let home: ClientHome
let skopeo: Skopeo

beforeAll(async () => {
  target = await openBridgedPage()
  home = await openClientHome()
  skopeo = createSkopeo(home)
})

afterAll(async () => {
  await target[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
})

describe('skopeo, to a page and back', () => {
  test.each(['multi-platform', 'big-layer', 'zstd'])('%s', async (name) => {
    const image = imageNamed(name)
    const reference = `${target.host}/skopeo/${name}:${image.tag}`

    await skopeo.push(image, reference)
    const { digests } = await skopeo.pull(reference, image.transport)

    expect(digests).toEqual(await digestsOf(image))
  })
})

test('everything that skopeo pushed is there without a network, after a reload', async () => {
  const { page, host } = target
  const image = imageNamed('many-layers')
  await skopeo.push(image, `${host}/offline:${image.tag}`)

  await page.context().setOffline(true)
  await page.reload()
  await controlled(page)
  expect(await page.evaluate(pullImage, { name: 'offline', tag: image.tag })).toEqual(await digestsOf(image))
})
