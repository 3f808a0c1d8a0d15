/**
 * The built page only uses features that all supported browsers have. This cannot tell names that an older built-in has
 * too, such as `map` of arrays and of iterators: the smoke suite runs such code.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import bcd, {
  type CompatStatement,
  type Identifier,
  type SimpleSupportStatement,
} from '@mdn/browser-compat-data'
import { describe, expect, it } from 'vitest'
import { OLDEST } from '../../../src/browser/engine/oldest.ts'

const PAGE = 'dist/page'
const BROWSERS = { ...OLDEST, safari_ios: OLDEST.safari }

/** Names that are not uses of a newer built-in, or uses that the code can do without. */
const FINE: Readonly<Record<string, string>> = {
  AsyncDisposableStack: 'is put in front of the worker for those who lack it',
  SuppressedError: 'comes with it',
  'Symbol.dispose': 'comes with it; translated code asks whether it is there',
  'Symbol.asyncDispose': 'as well',
  'Error.captureStackTrace': 'libraries ask whether it is there',
  '.bytes()': 'a method of our own, or of a library',
  '.createWritable()': 'where it is missing, there is a disk without it',
  '.drop()': 'a method of our own',
  '.handle()': 'a method of a library',
  '.lock()': 'a method of a library',
  '.unlock()': 'a method of a library',
  '.moveBefore()': 'Preact asks whether it is there',
  '.sync()': 'a method of our own',
  '.tag()': 'a method of our own',
  '.take()': 'a method of our own, or of a library',
  '.toHex()': 'a function of a library that asks whether the built-in is there',
  '.fromHex()': 'a function of a library that asks whether the built-in is there',
  '.when()': 'a method of a library',
  '.requestIdleCallback()': 'a library asks whether it is there',
  '.queryPermission()': 'asked of handles of files, where there is such a question',
  InternalError: 'a name among others in a library',
  'console.exception': 'a library asks whether it is there',
}

describe('what is built', async () => {
  const newer = newerBuiltIns()
  const scripts = (await readdir(PAGE, { recursive: true })).filter((name) => name.endsWith('.js'))

  it.each(scripts)('%s wants no newer browser', async (script) => {
    const code = await readFile(join(PAGE, script), 'utf8')
    const found = newer.filter(({ pattern }) => pattern.test(code)).map(({ name }) => name)
    expect(found.filter((name) => !(name in FINE))).toEqual([])
  })

  it.each(scripts)('%s has been translated', async (script) => {
    expect(await readFile(join(PAGE, script), 'utf8')).not.toMatch(
      /\bawait using\s|[;{]using \w+\s*=|\/[a-z]*v[a-z]*\.test/,
    )
  })
})

it.each([
  ['Promise.try(f)', 'Promise.try'],
  ['bytes.toBase64()', '.toBase64()'],
  ['new URLPattern(x)', 'URLPattern'],
  ['Array.fromAsync(x)', 'Array.fromAsync'],
])('the check finds %s', (code, name) => {
  const newest = newerBuiltIns({ ...BROWSERS, chrome: '100', safari: '16', firefox: '100' })
  expect(newest.filter(({ pattern }) => pattern.test(code)).map((found) => found.name)).toContain(name)
})

interface BuiltIn {
  readonly name: string
  readonly pattern: RegExp
}

/** Features that at least one of the oldest supported browsers does not have. */
function newerBuiltIns(oldest: Readonly<Record<string, string>> = BROWSERS): BuiltIn[] {
  const { builtins } = bcd.javascript as unknown as { builtins: Record<string, Identifier> }
  const classes = [...Object.entries(builtins), ...Object.entries(bcd.api as Record<string, Identifier>)]
  const isOld = (item: Identifier) => !item.__compat || isInAll(item.__compat, oldest)
  const members = (item: Identifier) =>
    (Object.entries(item) as [string, Identifier][]).filter(([name]) => /^[a-z]\w*$/i.test(name))
  const ambiguous = new Set(
    classes.flatMap(([, item]) =>
      members(item).flatMap(([name, member]) => (isOld(member) ? [plain(name)] : [])),
    ),
  )
  return classes.flatMap(([owner, item]): BuiltIn[] => {
    if (!/^[A-Za-z]\w*$/.test(owner)) return []
    if (!isOld(item)) return [{ name: owner, pattern: new RegExp(`(?<![.\\w$'"])(?:new )?${owner}[.(]`) }]
    return members(item)
      .filter(([name, member]) => name !== owner && !isOld(member))
      .flatMap(([name]) => {
        if (isStatic(owner, name)) {
          const full = `${owner}.${plain(name)}`
          return [{ name: full, pattern: new RegExp(`\\b${owner}\\.${plain(name)}\\b`) }]
        }
        return ambiguous.has(name) ? [] : [{ name: `.${name}()`, pattern: new RegExp(`\\.${name}\\(`) }]
      })
  })
}

const plain = (name: string): string => name.replace(/_static$/, '')

const isStatic = (owner: string, name: string): boolean =>
  name.endsWith('_static') || name in Object(Reflect.get(globalThis, owner)) || owner === 'console'

const isInAll = ({ support }: CompatStatement, oldest: Readonly<Record<string, string>>): boolean =>
  Object.entries(oldest).every(([browser, version]) =>
    [support[browser as keyof typeof support] ?? []].flat().some((one) => isIn(one, version)),
  )

function isIn(
  { version_added, version_removed, flags, prefix }: SimpleSupportStatement,
  version: string,
): boolean {
  if (flags || prefix || version_removed || typeof version_added !== 'string') return false
  return numberOf(version_added) <= numberOf(version)
}

/** `preview` is later than all. */
const numberOf = (version: string): number => {
  const [major, minor = 0] = version.replace('≤', '').split('.').map(Number)
  return Number.isNaN(major) ? Number.POSITIVE_INFINITY : major! * 1000 + minor
}
