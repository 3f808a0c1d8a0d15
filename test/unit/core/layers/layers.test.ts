/** What is in layers: those of real programs, and malformed ones. */

import { createHash } from 'node:crypto'
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Sliceable } from '../../../../src/core/client/sliceable.ts'
import { compareTrees } from '../../../../src/core/layers/differences.ts'
import { createFileTree, type FileTree } from '../../../../src/core/layers/file-tree.ts'
import { fileAt, listFolder, searchFiles } from '../../../../src/core/layers/list-files.ts'
import { openFile } from '../../../../src/core/layers/open-file.ts'
import { addLayer } from '../../../../src/core/layers/read-image.ts'
import { findWaste } from '../../../../src/core/layers/waste.ts'
import { run } from '../../../support/command.ts'
import { digestOf } from '../../../support/push.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { blobOf, type Entries, tarOf } from '../archive/tars.ts'

const folder = (name: string) => [`${name}/`, { type: 'directory' as const, mode: 0o755 }] as const

async function treeOf(...layers: readonly (Entries | Blob)[]): Promise<FileTree> {
  const tree = createFileTree()
  for (const [position, layer] of layers.entries()) {
    const file = layer instanceof Blob ? layer : await blobOf(layer)
    const { failure } = await addLayer([tree], position, { file })
    expect(failure).toBeUndefined()
  }
  return tree
}

const pathsIn = (tree: FileTree): string[] =>
  searchFiles(tree, '/', 1000)
    .map(({ path, kind }) => (kind === 'folder' ? `${path}/` : path))
    .sort()

const rowIn = (tree: FileTree, path: readonly string[], name: string, layer?: number) =>
  listFolder(tree, path, { layer })?.find((row) => row.name === name)

describe('a tree of files', () => {
  it('is what a container sees', async () => {
    const tree = await treeOf(
      [
        folder('etc'),
        ['etc/passwd', 'root'],
        ['etc/hosts', 'localhost'],
        ['opt/a/one', '1'],
        ['opt/a/two', '22'],
      ],
      [
        ['etc/.wh.hosts', ''],
        ['etc/passwd', 'root, me'],
        ['opt/a/.wh..wh..opq', ''],
        ['opt/a/three', '333'],
      ],
      [
        ['.wh.etc', ''],
        ['etc/os', 'x'],
      ],
    )
    expect(pathsIn(tree)).toEqual(['/etc/', '/etc/os', '/opt/', '/opt/a/', '/opt/a/three'])
    expect(rowIn(tree, [], 'opt')).toMatchObject({ size: 3, files: 1 })
  })

  it('tells what one layer does', async () => {
    const tree = await treeOf(
      [folder('etc'), ['etc/passwd', 'root'], ['etc/hosts', 'localhost'], ['var/log', 'xx']],
      [folder('etc'), ['etc/passwd', 'me'], ['etc/.wh.hosts', ''], ['etc/new', '1'], ['.wh.var', '']],
    )
    const layer = 1
    expect(rowIn(tree, ['etc'], 'passwd', layer)).toMatchObject({ change: 'changed', size: 2 })
    expect(rowIn(tree, ['etc'], 'hosts', layer)).toMatchObject({ change: 'removed', kind: 'removed' })
    expect(rowIn(tree, ['etc'], 'new', layer)).toMatchObject({ change: 'added' })
    expect(rowIn(tree, [], 'etc', layer)).toMatchObject({ change: undefined, size: 3 })
    expect(rowIn(tree, [], 'var', layer)).toMatchObject({ change: 'removed' })
    expect(listFolder(tree, [], { layer })?.map(({ name }) => name)).toEqual(['etc', 'var'])
  })

  it('hides below a folder that is made again what was there before', async () => {
    const tree = await treeOf([['a/b/old', '1']], [['.wh.a', '']], [['a/b/new', '2']], [['a', 'a file now']])
    expect(pathsIn(tree)).toEqual(['/a'])
    expect(pathsIn(await treeOf([['a/b/old', '1']], [['.wh.a', '']], [['a/b/new', '2']]))).toEqual([
      '/a/',
      '/a/b/',
      '/a/b/new',
    ])
  })

  it('follows links on the way, as unpacking does', async () => {
    const tree = await treeOf(
      [folder('usr/bin'), ['bin', { type: 'symlink', linkname: 'usr/bin' }], ['usr/bin/sh', 'sh']],
      [['bin/ls', 'ls!']],
      [['bin/.wh.sh', '']],
    )
    expect(pathsIn(tree)).toEqual(['/bin', '/usr/', '/usr/bin/', '/usr/bin/ls'])
  })

  it.each([
    [
      'round and round',
      [
        ['a', { type: 'symlink', linkname: 'b' }],
        ['b', { type: 'symlink', linkname: 'a' }],
        ['a/x', '1'],
      ],
    ],
    [
      'to itself',
      [
        ['a', { type: 'symlink', linkname: 'a/a/a' }],
        ['a/x', '1'],
      ],
    ],
    [
      'out of the image',
      [
        ['a', { type: 'symlink', linkname: '../../../etc' }],
        ['a/x', '1'],
      ],
    ],
  ] satisfies [string, Entries][])('survives links that lead %s', async (_, entries) => {
    const tree = await treeOf(entries)
    expect(searchFiles(tree, 'x', 10)).toHaveLength(1)
  })

  it('counts what later layers hide', async () => {
    const tree = await treeOf(
      [
        ['cache/one', 'x'.repeat(1000)],
        ['cache/two', 'y'.repeat(500)],
        ['app', 'z'.repeat(100)],
      ],
      [['app', 'z'.repeat(100)]],
      [['.wh.cache', '']],
    )
    expect(findWaste(tree, 3)).toMatchObject({
      visible: 100,
      files: 1,
      hidden: 1600,
      layers: [
        { bytes: 1600, hidden: 1600, files: 3, removed: 0 },
        { bytes: 100, hidden: 0, removed: 0 },
        { bytes: 0, removed: 1 },
      ],
      paths: [
        { path: '/cache', bytes: 1500, copies: 2 },
        { path: '/app', bytes: 100, copies: 1 },
      ],
    })
  })

  it('has a memory limit, and reports when it is reached', async () => {
    const entries = Array.from({ length: 200 }, (_, index) => [`file-${index}`, ''] as const)
    const tree = createFileTree(20_000)
    const report = await addLayer([tree], 0, { file: await blobOf(entries) })
    expect(String(report.failure)).toContain('more files than fit in the memory limit')
    expect(tree.size).toBeLessThan(100)
    expect(listFolder(tree, [])).toHaveLength(tree.size)
  })

  it('tells names that lead out of the image apart', async () => {
    const names = ['../../etc/passwd', 'a/../../b', `long/${'x/'.repeat(3000)}y`]
    const tree = createFileTree()
    const report = await addLayer([tree], 0, {
      file: await blobOf([...names.map((name) => [name, 'x'] as const), ['ok', 'x']]),
    })
    expect(report).toMatchObject({ strangeCount: 3, entries: 1 })
    expect(pathsIn(tree)).toEqual(['/ok'])
  })

  it('keeps what came before the damage', async () => {
    const tar = await tarOf([
      ['one', 'x'.repeat(1000)],
      ['two', 'x'.repeat(1000)],
    ])
    const tree = createFileTree()
    const { failure } = await addLayer([tree], 0, { file: new Blob([tar.subarray(0, 2000)]) })
    expect(String(failure)).toContain('cut off')
    expect(pathsIn(tree)).toContain('/one')
  })
})

describe('the difference of two images', () => {
  it('is by content, kind, mode and owner, not by time', async () => {
    const hashing = { createHash: () => createHash('sha256') }
    const [before, after] = [createFileTree(), createFileTree()]
    const at = (seconds: number) => ({ mtime: new Date(seconds * 1000) })
    const layer = async (tree: FileTree, ...entries: Entries) =>
      addLayer([tree], 0, { file: await blobOf(entries) }, hashing)
    await layer(
      before,
      ['same', 'x'],
      ['content', 'aaa'],
      ['gone', 'gone!'],
      ['mode', { mode: 0o644, ...at(1) }],
      ['l', { type: 'symlink', linkname: 'a' }],
    )
    await layer(
      after,
      ['same', 'x'],
      ['content', 'bbb'],
      ['new', 'new'],
      ['mode', { mode: 0o755, ...at(9) }],
      ['l', { type: 'symlink', linkname: 'b' }],
    )
    const found = compareTrees(before, after)
    expect(found).toMatchObject({
      same: 1,
      added: { paths: 1, bytes: 3 },
      removed: { paths: 1, bytes: -5 },
      changed: { paths: 3 },
    })
    expect(Object.fromEntries(found.paths.map(({ path, is, what }) => [path, [is, ...what].join()]))).toEqual(
      {
        '/content': 'changed,content',
        '/gone': 'removed',
        '/new': 'added',
        '/mode': 'changed,mode',
        '/l': 'changed,link',
      },
    )
  })
})

describe('reading a layer', () => {
  const entries: Entries = [
    ['big', new Uint8Array(3_000_000)],
    ['small', 'hello'],
    ['other', new Uint8Array(2_500_000)],
    ['last', 'bye'],
  ]

  /** Counts what is read of a file. */
  function counted(blob: Blob): Sliceable & { bytes: number } {
    const counter = { bytes: 0 }
    const wrap = (part: Blob): Sliceable => ({
      size: part.size,
      slice: (start, end) => wrap(part.slice(start, end)),
      stream: () => part.stream() as ReadableStream<Uint8Array<ArrayBuffer>>,
      async arrayBuffer() {
        counter.bytes += part.size
        return part.arrayBuffer()
      },
    })
    return Object.defineProperty({ ...wrap(blob), bytes: 0 }, 'bytes', { get: () => counter.bytes })
  }

  it('jumps over what is large in a plain one', async () => {
    const file = counted(await blobOf(entries))
    const tree = createFileTree()
    await addLayer([tree], 0, { file })
    expect(pathsIn(tree)).toEqual(['/big', '/last', '/other', '/small'])
    expect(file.bytes).toBeLessThan(300_000)
  })

  it.each([
    ['plain', (tar: Uint8Array) => tar],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('opens a file of a layer that is %s', async (_, pack) => {
    const file = new Blob([new Uint8Array(pack(await tarOf(entries)))])
    const tree = await treeOf(file)
    const bytes = await new Response(await openFile(file, ['small'], fileAt(tree, ['small'])!)).text()
    expect(bytes).toBe('hello')
  })
})

describe('a table of contents', () => {
  const files = { 'bin/tool': 'a tool of some kind', 'etc/conf': 'setting=1' }

  /** As containerd's stargz-snapshotter writes it: a member of gzip for each header and each file, the table, a footer. */
  async function eStargz() {
    const parts: Buffer[] = []
    const size = () => parts.reduce((sum, part) => sum + part.length, 0)
    const lines: object[] = []
    for (const [name, text] of Object.entries(files)) {
      const tar = await tarOf([[name, text]])
      parts.push(gzipSync(tar.subarray(0, 512)))
      lines.push({
        name,
        type: 'reg',
        size: text.length,
        mode: 0o755,
        offset: size(),
        digest: `sha256:${'0'.repeat(64)}`,
      })
      parts.push(gzipSync(tar.subarray(512, 1024)))
    }
    const table = JSON.stringify({
      version: 1,
      entries: [...lines, { name: 'lib/', type: 'dir', mode: 0o755 }],
    })
    const offset = size()
    parts.push(gzipSync(await tarOf([['stargz.index.json', table]])))
    const extra = Buffer.from(`SG\x16\0${offset.toString(16).padStart(16, '0')}STARGZ`, 'latin1')
    const footer = [
      [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 26, 0],
      [...extra],
      [1, 0, 0, 0xff, 0xff, ...Array(8).fill(0)],
    ]
    parts.push(Buffer.from(footer.flat()))
    return { blob: new Blob([Buffer.concat(parts)]), digest: digestOf(table) }
  }

  /** As podman writes it: a frame of zstd for each file, and the table where an annotation says. */
  async function zstdChunked(prefix: string) {
    const frames = await Promise.all(
      Object.entries(files).map(async ([name, text]) => {
        const tar = await tarOf([[name, text]])
        return [zstdCompressSync(tar.subarray(0, 512)), zstdCompressSync(tar.subarray(512, 1024))] as const
      }),
    )
    let at = 0
    const entries = Object.entries(files).map(([name, text], index) => {
      const [header, content] = frames[index]!
      const offset = at + header.length
      at = offset + content.length
      return { name, type: 'reg', size: text.length, mode: 0o755, offset }
    })
    const table = JSON.stringify({
      version: 1,
      entries: [...entries, { name: 'lib', type: 'dir', mode: 0o755 }],
    })
    const packed = zstdCompressSync(table)
    return {
      blob: new Blob([Buffer.concat([...frames.flat(), packed])]),
      annotations: {
        [`${prefix}.manifest-checksum`]: digestOf(packed),
        [`${prefix}.manifest-position`]: `${at}:${packed.length}:${table.length}:1`,
      },
    }
  }

  const stargz = 'containerd.io/snapshot/stargz/toc.digest'

  it.each([
    [
      'eStargz',
      async () => eStargz().then(({ blob, digest }) => ({ blob, annotations: { [stargz]: digest } })),
    ],
    ['zstd:chunked', () => zstdChunked('io.github.containers.zstd-chunked')],
    ['zstd:chunked of an older podman', () => zstdChunked('io.containers.zstd-chunked')],
  ])('of %s is taken, and files are opened by it', async (_, make) => {
    const { blob, annotations } = await make()
    const tree = createFileTree()
    const report = await addLayer([tree], 0, { file: blob, annotations })
    expect(report).toMatchObject({ isByTable: true, entries: 3 })
    expect(pathsIn(tree)).toEqual(['/bin/', '/bin/tool', '/etc/', '/etc/conf', '/lib/'])
    const opened = await openFile(blob, ['etc', 'conf'], fileAt(tree, ['etc', 'conf'])!)
    expect(await new Response(opened).text()).toBe('setting=1')
  })

  it('that the manifest does not vouch for is left alone', async () => {
    const { blob } = await eStargz()
    const annotations = { [stargz]: digestOf('another') }
    const report = await addLayer([createFileTree()], 0, { file: blob, annotations })
    expect(report.isByTable).toBe(false)
  })
})

describe('a layer that GNU tar wrote', () => {
  it.each(['gnu', 'posix', 'ustar'])('in the format %s says what is on the disk', async (format) => {
    await using folder = await openTemporaryFolder()
    const root = join(folder.path, 'root')
    const long = 'a-long-name-'.repeat(format === 'ustar' ? 5 : 12)
    await mkdir(join(root, 'dir', long), { recursive: true })
    await writeFile(join(root, 'dir', long, 'ünïcode'), 'twelve bytes')
    await writeFile(join(root, 'tool'), 'x'.repeat(70_000), { mode: 0o755 })
    await link(join(root, 'tool'), join(root, 'same-tool'))
    await symlink('tool', join(root, 'alias'))
    const file = join(folder.path, 'layer.tar')
    await run('tar', [
      '-C',
      root,
      `--format=${format}`,
      '--sort=name',
      '--owner=7',
      '--group=8',
      '-cf',
      file,
      '.',
    ])
    const tree = await treeOf(new Blob([await readFile(file)]))
    expect(pathsIn(tree)).toEqual([
      '/alias',
      '/dir/',
      `/dir/${long}/`,
      `/dir/${long}/ünïcode`,
      '/same-tool',
      '/tool',
    ])
    const rows = Object.fromEntries(listFolder(tree, [])!.map((row) => [row.name, row]))
    expect(rows['alias']).toMatchObject({ kind: 'symlink', target: 'tool' })
    expect([rows['tool']!.kind, rows['same-tool']!.kind].sort()).toEqual(['file', 'hardlink'])
    expect(rows['dir']).toMatchObject({ kind: 'folder', size: 12, files: 1, uid: 7, gid: 8 })
    expect(findWaste(tree, 1)).toMatchObject({ visible: 70_012, hidden: 0 })
  })
})
