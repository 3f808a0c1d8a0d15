/**
 * Holds every import to the map: the table "Who may import whom" of `src/README.md` is the rule book, so neither the
 * code nor the map can go its own way.
 */
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const SOURCES = join(import.meta.dirname, '../../src')

/** `core/store` → what it may import: rooms, folders and packages. `node/*` stands for the rest of a floor. */
const rules = await readRules()

/** `core/store/blobs.ts` → what it imports: other such paths, packages, modules of Node. */
const imports = await readImports()

describe('the map', () => {
  it('is found', () => {
    expect(Object.keys(rules)).toContain('core/registry')
    expect(Object.keys(imports)).toContain('core/registry/registry.ts')
  })

  it('has a row for every file', () => {
    expect(Object.keys(imports).filter((file) => roomOf(file) === undefined)).toEqual([])
  })

  it('has no row without a file', () => {
    const used = new Set(Object.keys(imports).map(roomOf))
    expect(Object.keys(rules).filter((room) => !used.has(room))).toEqual([])
  })

  it.each(Object.keys(rules))('names no single file of another room for %s', (room) => {
    const files = rules[room]!.filter((allowed) => /\.tsx?$/.test(allowed) && !(allowed in rules))
    expect(files.filter((file) => Object.keys(rules).some((other) => covers(other, file)))).toEqual([])
  })

  it.each(Object.keys(rules))('allows %s no more than it does', (room) => {
    const targets = Object.keys(imports).flatMap((file) => (roomOf(file) === room ? imports[file]! : []))
    const unused = rules[room]!.filter((allowed) => !targets.some((target) => covers(allowed, target)))
    expect(unused).toEqual([])
  })
})

describe.each(Object.keys(imports).sort())('%s', (file) => {
  it('imports what its room may', () => {
    expect(imports[file]!.filter((target) => !mayImport(file, target))).toEqual([])
  })

  it('does not import itself by a detour', () => {
    expect(detourOf(file)).toBeUndefined()
  })
})

async function readRules(): Promise<Record<string, string[]>> {
  const map = await readFile(join(SOURCES, 'README.md'), 'utf8')
  const section = /^## Who may import whom$((?:.|\n)*?)^## /m.exec(`${map}\n## `)![1]!
  const rows = [...section.matchAll(/^\| *`([^`]+)` *\|(.*)\|$/gm)]
  const entries = rows.map(([, room, cell]) => [
    room!,
    [...cell!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  ])
  return Object.fromEntries(entries)
}

async function readImports(): Promise<Record<string, string[]>> {
  const files = await Array.fromAsync(glob('**/*.{ts,tsx}', { cwd: SOURCES }))
  const texts = files.map((file) => readFile(join(SOURCES, file), 'utf8'))
  return Object.fromEntries(
    (await Promise.all(texts)).map((text, index) => [files[index]!, importsIn(files[index]!, text)]),
  )
}

function importsIn(file: string, text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s)?'([^']+)'/gm)
  const calls = text.matchAll(/\bimport\('([^']+)'\)/g)
  const specifiers = [...statements, ...calls].map((match) => match[1]!)
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
  )
}

/** The row that a file belongs to: the longest that covers it, else its floor's. */
function roomOf(file: string): string | undefined {
  const covering = Object.keys(rules).filter((room) => covers(room, file))
  const rest = `${file.split('/')[0]}/*`
  return covering.sort((one, other) => other.length - one.length)[0] ?? (rest in rules ? rest : undefined)
}

function mayImport(file: string, target: string): boolean {
  const room = roomOf(file)!
  if (covers(room, target)) return true
  return (
    rules[room]!.some((allowed) => covers(allowed, target)) ||
    (file.startsWith('node/') && isPlatform(target))
  )
}

/** Packages that are no part of a build: all packages are development's for npm, as the build holds what it needs. */
const TOOLS = new Set([
  '@biomejs/biome',
  '@helia/unixfs',
  '@types/node',
  '@vitest/browser-playwright',
  'axe-core',
  'blockstore-core',
  'fast-check',
  'ipfs-unixfs',
  'ipfs-unixfs-importer',
  'playwright',
  'typescript',
  'vite',
  'vitest',
])

const PACKAGES = Object.keys(packageJson.devDependencies).filter((name) => !TOOLS.has(name))

/** What the Node build may use besides the rooms: Node itself, packages, and package.json for the version. */
const isPlatform = (target: string): boolean =>
  target.startsWith('node:') || target === '../package.json' || PACKAGES.some((name) => covers(name, target))

const covers = (room: string, target: string): boolean => target === room || target.startsWith(`${room}/`)

/** The files on the way from `file` back to itself. */
function detourOf(file: string): string[] | undefined {
  const seen = new Set<string>()
  const walk = (from: string, path: readonly string[]): string[] | undefined => {
    for (const next of imports[from] ?? []) {
      if (next === file) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      const detour = walk(next, [...path, next])
      if (detour) return detour
    }
    return undefined
  }
  return walk(file, [file])
}
