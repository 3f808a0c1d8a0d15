import { mkdtemp, open, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { digestOf } from '../../../../src/core/oci/digest.ts'
import { FileContent } from '../../../../src/node/disk/file-content.ts'
import { type FileSystemDisk, openFileSystemDisk } from '../../../../src/node/disk/file-system-disk.ts'
import { describeDisk } from '../../../contract/disk.ts'
import { run } from '../../../support/command.ts'
import { PATIENCE } from '../../../support/patience.ts'

describeDisk('the file-system disk', async () => {
  const root = await mkdtemp(join(tmpdir(), 'disk-'))
  const open = [await openFileSystemDisk(root)]
  return {
    disk: open[0]!,
    reopen: async () => {
      open.unshift(await openFileSystemDisk(root))
      return open[0]!
    },
    close: async () => {
      for (const disk of open) await disk.close()
      await rm(root, { recursive: true })
    },
  }
})

describe('the file-system disk', () => {
  const bytes = new TextEncoder().encode('some bytes')
  let root: string
  let disk: FileSystemDisk

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'disk-'))
    disk = await openFileSystemDisk(root)
  })
  afterEach(async () => {
    await disk.close()
    await rm(root, { recursive: true })
  })

  it('is an OCI image layout, and leaves an index that is there alone', async () => {
    expect(await json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' })
    expect(await json('index.json')).toMatchObject({ schemaVersion: 2, manifests: [] })
    await writeFile(join(root, 'index.json'), '{"mine":true}')
    await (await openFileSystemDisk(root)).close()
    expect(await json('index.json')).toEqual({ mine: true })
  })

  it('keeps a blob as a plain file named by its digest', async () => {
    const content = await commit()
    expect(content).toBeInstanceOf(FileContent)
    const digest = await digestOf(bytes)
    expect(await readFile(join(root, 'blobs', ...digest.split(':')))).toEqual(Buffer.from(bytes))
    expect(await readdir(join(root, 'uploads'))).toEqual([])
  })

  it('makes a file for an upload only when bytes come', async () => {
    const upload = await disk.create()
    expect(await readdir(join(root, 'uploads'))).toEqual([])
    await upload.append(chunks(bytes))
    expect(await readdir(join(root, 'uploads'))).toEqual([upload.id])
  })

  it('lists nothing that is not a digest or an upload', async () => {
    await writeFile(join(root, 'blobs', 'sha256', 'README'), '')
    await writeFile(join(root, 'uploads', 'README'), '')
    for await (const name of disk.list()) expect.unreachable(name)
    for await (const name of disk.uploads()) expect.unreachable(name)
  })

  it('makes no path from an invalid id', async () => {
    for (const id of ['../../etc/passwd', '', '.'.repeat(36), '/'.repeat(36)]) {
      await expect(disk.create({ id })).rejects.toThrow('not an upload id')
      expect(await disk.resume(id)).toBeUndefined()
    }
  })

  it('breaks off where a file is shorter than its blob', async () => {
    const content = (await commit()) as FileContent
    await truncate(content.path, 3)
    await expect(new Response(content.stream()).bytes()).rejects.toMatchObject({
      code: 'UNKNOWN',
      status: 500,
    })
  })

  it('lets go of a file whose reader leaves before it is open', async () => {
    const pipe = join(root, 'pipe')
    await run('mkfifo', [pipe]) // its readers wait for a writer
    await new FileContent(pipe, 10).stream().cancel()
    const writer = await open(pipe, 'w')
    const write = () => writer.write('x').then(() => 'written')
    await vi.waitFor(() => expect(write()).rejects.toMatchObject({ code: 'EPIPE' }), PATIENCE)
    await writer.close()
  })

  it('responds 507 when the storage is full, and continues when there is space', async () => {
    const upload = await disk.create()
    const path = join(root, 'uploads', upload.id)
    await symlink('/dev/full', path)
    const failure = await upload.append(chunks(bytes)).catch((error) => error)
    expect(failure).toMatchObject({ code: 'UNKNOWN', status: 507, message: 'storage is full' })
    expect(upload.size).toBe(0)
    await rm(path)
    await upload.append(chunks(bytes))
    expect((await upload.commit(await digestOf(bytes))).size).toBe(bytes.length)
  })

  it('gives up bytes that could not be synced', async () => {
    const upload = await disk.create()
    // It takes every write and no sync.
    await symlink('/dev/null', join(root, 'uploads', upload.id))
    await expect(upload.append(chunks(bytes))).rejects.toMatchObject({ code: 'UNKNOWN', status: 500 })
    expect(upload.size).toBe(0)
    expect(await disk.resume(upload.id)).toBeUndefined()
    await upload.append(chunks(bytes))
    await upload.commit(await digestOf(bytes))
  })

  it('keeps an upload whose commit could not be stored', async () => {
    const upload = await disk.create()
    await upload.append(chunks(bytes))
    await rm(join(root, 'blobs', 'sha512'), { recursive: true })
    const failure = await upload.commit(await digestOf(bytes, 'sha512')).catch((error) => error)
    expect(failure).toMatchObject({ code: 'UNKNOWN', status: 500, message: 'storage failed' })
    const again = await disk.resume(upload.id)
    expect((await again!.commit(await digestOf(bytes))).size).toBe(bytes.length)
  })

  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(root, name), 'utf8'))

  async function commit() {
    const upload = await disk.create()
    await upload.append(chunks(bytes))
    return upload.commit(await digestOf(bytes))
  }
})

/** A copy, since the disk takes what it is handed. */
async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.slice()
}
