import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import {
  blobOf,
  configOf,
  descriptorOf,
  dockerSave,
  type Entries,
  INDEX,
  indexOf,
  layoutOf,
  MANIFEST,
  manifestOf,
  pathOf,
  tarOf,
} from '../tars.ts'

const config = configOf(['one'])
const manifest = manifestOf(config, ['one'])
const root = descriptorOf(manifest, MANIFEST)
const save = (name: string, content: string): Entries => [
  ...dockerSave().filter(([other]) => other !== name),
  [name, content],
]

const refused: Record<string, [Entries, RegExp]> = {
  'nothing in it': [[], /holds no image/],
  'files of something else': [[['README', 'hello']], /holds no image/],
  'a folder of skopeo and podman': [
    [
      ['version', 'Directory Transport Version: 1.1\n'],
      ['manifest.json', manifest],
    ],
    /holds a folder that skopeo wrote for `dir:`; copy the image to oci-archive: instead/,
  ],
  'the format of Docker 1.9': [[['repositories', '{}']], /Docker before 1\.10/],
  'a name that leads out': [[['../manifest.json', '[]']], /"\.\.\/manifest\.json" leads out/],
  'an absolute name': [[['/etc/passwd', '']], /"\/etc\/passwd" leads out/],
  'a list that is no JSON': [save('manifest.json', '[{'), /"manifest\.json" is not valid JSON/],
  'a list of something else': [save('manifest.json', '[{"Layers":[1]}]'), /not a list of images/],
  'an empty list': [save('manifest.json', '[]'), /not a list of images/],
  'a config that is missing': [
    dockerSave().filter(([name]) => name !== 'config.json'),
    /"config\.json" is missing/,
  ],
  'a config of nothing': [save('config.json', '{}'), /"config\.json" is not the config/],
  'a config with other layers': [
    save('config.json', configOf(['one'])),
    /has 1 layers, but manifest\.json lists 2/,
  ],
  'a layer that is missing': [dockerSave({ paths: ['0/layer.tar', 'no.tar'] }), /"no\.tar" is missing/],
  'a layer that leads out': [
    dockerSave({ paths: ['0/layer.tar', '../../etc/shadow'] }),
    /shadow" is missing/,
  ],
  'a link that leads out': [
    [
      ...dockerSave({ paths: ['0/layer.tar', 'link'] }),
      ['link', { type: 'symlink', linkname: '../1/layer.tar' }],
    ],
    /"link" is a link that leads out/,
  ],
  'a link to the machine': [
    [...dockerSave({ paths: ['0/layer.tar', 'link'] }), ['link', { type: 'link', linkname: '/etc/shadow' }]],
    /"link" is a link that leads out/,
  ],
  'a folder that is a link out': [
    [
      ...dockerSave({ paths: ['0/layer.tar', 'a/layer.tar'] }),
      ['a', { type: 'symlink', linkname: '../../../../..' }],
    ],
    /"a" is a link that leads out/,
  ],
  'a link to itself': [
    [...dockerSave({ paths: ['0/layer.tar', 'a'] }), ['a', { type: 'link', linkname: './a' }]],
    /"a" is a link that leads in a circle/,
  ],
  'a folder that is a link into itself': [
    [...dockerSave({ paths: ['0/layer.tar', 'a/layer.tar'] }), ['a', { type: 'symlink', linkname: 'a/b' }]],
    /"a\/layer\.tar" is a link that leads in a circle/,
  ],
  'a link to nothing': [
    [...dockerSave({ paths: ['0/layer.tar', 'a'] }), ['a', { type: 'symlink', linkname: 'none' }]],
    /"a" is missing/,
  ],
  'links in a circle': [
    [
      ...dockerSave({ paths: ['0/layer.tar', 'a'] }),
      ['a', { type: 'symlink', linkname: 'b' }],
      ['b', { type: 'symlink', linkname: 'a' }],
    ],
    /"a" is a link that leads in a circle/,
  ],
  'metadata too large': [
    save('config.json', `{"a":"${'a'.repeat(2 ** 22)}"}`),
    /"config\.json" is too large/,
  ],
  'an index of nothing': [[['index.json', '{}']], /"index\.json" lists no manifests/],
  'an index of nonsense': [
    [['index.json', indexOf([{ digest: '../../../../..' }])]],
    /"index\.json": manifests\[0\]: digest is missing/,
  ],
  'a digest that is a path': [
    [['index.json', indexOf([{ ...root, digest: 'sha256:../../etc/passwd' }])]],
    /digest is missing or malformed/,
  ],
  'a manifest that is missing': [
    layoutOf([root], [config, 'one']),
    /"blobs\/sha256\/\w{64}", which .* is missing/,
  ],
  'a manifest of another digest': [
    [...layoutOf([root], [config, 'one']), [pathOf(manifest), `${manifest} `]],
    /"blobs\/sha256\/\w{64}" is damaged: its bytes do not match its digest/,
  ],
  'a manifest that is both': [
    layoutOf(
      [descriptorOf('{"schemaVersion":2,"manifests":[],"layers":[]}', INDEX)],
      ['{"schemaVersion":2,"manifests":[],"layers":[]}'],
    ),
    /layers does not belong in an index/,
  ],
  'a blob of another size': [
    [...layoutOf([root], [manifest, config]), [pathOf('one'), 'more than one']],
    /has 13 bytes, but its manifest says 3/,
  ],
}

describe('an archive is refused with', () => {
  it.each(Object.entries(refused))('%s', async (_, [entries, message]) => {
    await expect(readArchive(await blobOf(entries))).rejects.toThrow(message)
  })

  it.each(Object.entries(refused))('%s, compressed', async (_, [entries, message]) => {
    const blob = new Blob([gzipSync(await tarOf(entries))])
    await expect(readArchive(blob)).rejects.toThrow(message)
  })

  it('a cut in a file', async () => {
    const tar = await blobOf(dockerSave())
    await expect(readArchive(tar.slice(0, 513))).rejects.toThrow(
      /cut off: "0\/layer\.tar" should have 3 bytes/,
    )
  })

  it('a cut in a header', async () => {
    const tar = await blobOf(dockerSave())
    await expect(readArchive(tar.slice(0, 1100))).rejects.toThrow(/cut off within a header/)
  })

  it('a size beyond everything', async () => {
    const tar = await tarOf(dockerSave())
    tar.set([0x80, 0, 0, 0, 0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 124)
    mendChecksum(tar)
    await expect(readArchive(new Blob([tar]))).rejects.toThrow(
      /"0\/layer\.tar" should have 4503599627370495 bytes/,
    )
    tar.fill(0xff, 124, 136)
    mendChecksum(tar)
    await expect(readArchive(new Blob([tar]))).rejects.toThrow(/the tar is damaged: no header at byte 0/)
  })

  it('another compression', async () => {
    for (const [program, beginning] of Object.entries({ xz: '\xfd7zXZ\0', bzip2: 'BZh91AY&SY' })) {
      const archive = new Blob([Buffer.from(beginning.padEnd(2000), 'latin1')])
      await expect(readArchive(archive)).rejects.toThrow(
        `the archive is compressed with ${program}, which is not supported; unpack it, or use gzip or zstd`,
      )
    }
  })

  it('too many entries', async () => {
    const one = (await blobOf([['n'.repeat(60_000), '']])).slice(0, -1024)
    await expect(readArchive(new Blob(Array(1200).fill(one)))).rejects.toThrow(/too many entries/)
  })

  it('a header without end', async () => {
    const pax = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`a.${index}`, 'x']))
    const tar = await blobOf([['a', { pax }]])
    await expect(readArchive(tar)).rejects.toThrow(/header at 0 of the tar is too long/)
  })
})

function mendChecksum(tar: Uint8Array): void {
  tar.fill(0x20, 148, 156)
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  tar.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
}
