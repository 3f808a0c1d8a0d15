/** Texts in the views of files: URLs, names, modes. */
import { describe, expect, it } from 'vitest'
import { visibleLines, visibleText } from '../../../src/browser/page/components/visible-text.ts'
import { modeText, textIn } from '../../../src/browser/page/files/file-text.ts'
import { comparePath, filesPath, routeOf } from '../../../src/browser/page/route.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`

const route = (path: string) => routeOf(new URL(path, 'http://page.example'))

describe('addresses', () => {
  it.each([
    [filesPath('team/web', '1'), { page: 'files', name: 'team/web', reference: '1', layer: undefined }],
    [
      filesPath('web', DIGEST, 'linux/arm64/v8', DIGEST),
      { page: 'files', reference: DIGEST, platform: 'linux/arm64/v8', layer: DIGEST },
    ],
    [comparePath('web', '1'), { page: 'compare', reference: '1', other: undefined }],
    [
      comparePath('web', '1', { other: `a/b@${DIGEST}`, platform: 'linux/amd64', otherPlatform: 'a&b=c' }),
      { page: 'compare', other: `a/b@${DIGEST}`, platform: 'linux/amd64', otherPlatform: 'a&b=c' },
    ],
    ['/r/NO?files', { page: 'unknown' }],
  ])('%s', (path, expected) => {
    expect(route(path)).toMatchObject(expected)
  })
})

describe('untrusted texts', () => {
  it('have control, invisible and bidirectional characters escaped', () => {
    expect(visibleText('a\u001b[31m\u202eb\u200bc\nd')).toBe('a\\u{1b}[31m\\u{202e}b\\u{200b}c\\u{a}d')
    expect(visibleText('ünï 名前 🚀')).toBe('ünï 名前 🚀')
    expect(visibleLines('a\r\nb\tc\u0000')).toBe('a\nb\tc\\u{0}')
  })

  it.each([
    ['a text', 'a text'],
    ['', ''],
    ['lines\nand\ttabs', 'lines\nand\ttabs'],
    ['\u007fELF\u0000\u0001', undefined],
    ['\u0001\u0002\u0003', undefined],
  ])('are told from what is none: %j', (content, text) => {
    expect(textIn(new TextEncoder().encode(content))).toBe(text)
  })

  it('may be cut within a letter', () => {
    expect(textIn(new TextEncoder().encode('ab名').subarray(0, 4))).toBe('ab')
  })
})

describe('modes', () => {
  it.each([
    ['file', 0o644, '-rw-r--r--'],
    ['folder', 0o1777, 'drwxrwxrwt'],
    ['file', 0o4755, '-rwsr-xr-x'],
    ['file', 0o2644, '-rw-r-Sr--'],
    ['symlink', 0o777, 'lrwxrwxrwx'],
  ] as const)('of a %s, %i', (kind, mode, text) => {
    expect(modeText({ kind, mode })).toBe(text)
  })
})
