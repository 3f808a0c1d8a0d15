import { expect, it } from 'vitest'
import { chooseImage, platformText } from '../../../../src/core/archive/platform.ts'
import { descriptorOf, MANIFEST } from './tars.ts'

it.each<[unknown, string | undefined]>([
  [{ os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
  [{ os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
  [{ os: 'linux', architecture: 'amd64', variant: '' }, 'linux/amd64'],
  [{ os: 'linux', architecture: 'amd64', variant: null }, 'linux/amd64'],
  [{ os: '', architecture: '' }, undefined],
  [{ os: null, architecture: null }, undefined],
  [{ os: '', architecture: 'arm', variant: 'v7' }, undefined],
  [{ os: 'unknown', architecture: 'unknown' }, undefined],
  [{ os: 1, architecture: {} }, undefined],
  [null, undefined],
])('%j is %s', (platform, text) => {
  expect(platformText(platform)).toBe(text)
})

const child = (name: string, platform?: object) => descriptorOf(name, MANIFEST, platform && { platform })
const attestation = child('attestation', { os: 'unknown', architecture: 'unknown' })
const arm = child('arm', { os: 'linux', architecture: 'arm64', variant: 'v8' })

it.each([
  ['no platform', child('image')],
  ['a platform of empty texts', child('image', { os: '', architecture: '' })],
  ['a platform of nulls', child('image', { os: null, architecture: null })],
  ['another platform', child('image', { os: 'windows', architecture: 'amd64' })],
])('an image of %s is taken where there is none that is preferred', (_, image) => {
  expect(chooseImage([attestation, image], {})).toBe(image)
  expect(chooseImage([attestation, image, arm], { preferred: 'linux/arm64' })).toBe(arm)
  expect(chooseImage([attestation, image], { platform: 'linux/arm64' })).toBeUndefined()
})
