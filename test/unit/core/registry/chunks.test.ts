import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, startUpload } from '../../../support/push.ts'

const DIGEST = digestOf('hello world')

let registry: InMemoryRegistry
let location: string

beforeEach(async () => {
  registry = await openInMemoryRegistry()
  onTestFinished(() => registry.close())
  location = await startUpload(registry, 'a')
})

const patch = (range: string, body: string, headers = {}) =>
  registry.fetch('PATCH', location, { headers: { 'Content-Range': range, ...headers }, body })

const put = (range: string, body: string) =>
  registry.fetch('PUT', `${location}?digest=${DIGEST}`, { headers: { 'Content-Range': range }, body })

const received = async () => (await registry.fetch('GET', location)).headers.get('range')

describe('chunks with their place', () => {
  it('make a blob in order', async () => {
    await expectAnswer(await patch('0-4', 'hello', { 'Content-Length': '5' }), {
      status: 202,
      answers: { Range: '0-4' },
    })
    await expectAnswer(await patch('5-8', ' wor'), { status: 202, answers: { Range: '0-8' } })
    expect((await put('9-10', 'ld')).status).toBe(201)
  })

  it.each(['0-4', 'bytes 0-4', 'bytes=0-4', '0-4/11', 'bytes 0-4/*'])('may say it as %s', async (range) => {
    expect((await patch(range, 'hello')).status).toBe(202)
  })

  it('out of order are refused, and the client finds its way back', async () => {
    await patch('0-4', 'hello')
    await expectAnswer(await patch('6-10', 'world'), {
      status: 416,
      error: 'RANGE_INVALID',
      detail: { expected: 5, received: 6 },
    })
    expect(await received()).toBe('0-4')
    expect((await patch('5-5', ' ')).status).toBe(202)
    expect((await patch('6-10', 'world')).status).toBe(202)
    expect((await registry.fetch('PUT', `${location}?digest=${DIGEST}`)).status).toBe(201)
  })

  it('sent twice are refused', async () => {
    await patch('0-4', 'hello')
    await expectAnswer(await patch('0-4', 'hello'), { status: 416, error: 'RANGE_INVALID' })
  })

  it('must be in order in the last request too, which then ends nothing', async () => {
    await patch('0-4', 'hello')
    await expectAnswer(await put('4-10', 'o world'), { status: 416, error: 'RANGE_INVALID' })
    expect(await received()).toBe('0-4')
    expect((await put('5-10', ' world')).status).toBe(201)
  })
})

describe('a place that is none', () => {
  it.each([
    '',
    'x',
    '0',
    '0-',
    '-5',
    'a-b',
    '0-4,5-6',
    'bytes */5',
    'lines 0-4',
    '0x0-0x4',
    '-1--2',
    '0-99999999999999999999',
  ])('like "%s" is malformed', async (range) => {
    await expectAnswer(await patch(range, 'hello'), { status: 400, error: 'RANGE_INVALID' })
    await expectAnswer(await put(range, 'hello'), { status: 400, error: 'RANGE_INVALID' })
    expect(await received()).toBe('0-0')
  })

  it('runs backwards', async () => {
    await expectAnswer(await patch('4-0', 'hello'), { status: 416, error: 'RANGE_INVALID' })
  })
})

describe('a chunk of another length than it says', () => {
  it('is refused where more comes', async () => {
    await expectAnswer(await patch('0-3', 'hello'), { status: 400, error: 'SIZE_INVALID' })
  })

  it('is refused where less comes, and what came stays', async () => {
    await expectAnswer(await patch('0-9', 'hello'), { status: 400, error: 'SIZE_INVALID' })
    expect(await received()).toBe('0-4')
    expect((await put('5-10', ' world')).status).toBe(201)
  })
})
