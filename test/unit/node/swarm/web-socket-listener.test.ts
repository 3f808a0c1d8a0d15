import { expect, it } from 'vitest'
import { createOriginRule } from '../../../../src/node/swarm/web-socket-listener.ts'

const allowing = (...origins: string[]) => ({ cors: { origins, writers: [] }, hosts: [], host: undefined })

const none = allowing()

it.each([
  ['a program, which has none', undefined, none, true],
  ['a page', 'http://evil.test', none, false],
  ['a page of no origin', 'null', none, false],
  ['a page of an origin that is named', 'https://app.test', allowing('https://app.test'), true],
  ['one on another port', 'https://app.test:1', allowing('https://app.test'), false],
  ['one whose name only begins alike', 'https://app.test.evil', allowing('https://app.test'), false],
  ['any, where all may', 'http://evil.test', allowing('*'), true],
  [
    'the registry itself',
    'https://registry.test',
    { ...none, host: 'https://registry.test/some/path' },
    true,
  ],
  ['another than the registry', 'http://registry.test', { ...none, host: 'https://registry.test' }, false],
])('a WebSocket is opened by %s: %#', (_, origin, http, isAllowed) => {
  expect(createOriginRule(http)(origin)).toBe(isAllowed)
})
