/** The messages about files that aren't archives of images: what they are, and what to do. */
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { NoArchiveError } from '../../../../src/core/archive/errors.ts'
import { readArchive } from '../../../../src/core/archive/import/read-archive.ts'
import { blobOf } from './tars.ts'

const MAKE_ONE = 'make one by: docker save -o image.tar NAME'
const UNPACK = 'unpack it, and take the .tar in it'

/** As it begins, and zeros up to a usual size. */
const file = (start: string, offset = 0) => {
  const bytes = new Uint8Array(2000)
  bytes.set(Buffer.from(start, 'latin1'), offset)
  return bytes
}

const files: readonly (readonly [name: string, content: Uint8Array<ArrayBuffer> | string, said: string])[] = [
  ['photo.png', file('\x89PNG\r\n\x1a\n'), `a picture, not an image archive; ${MAKE_ONE}`],
  ['photo.jpg', file('\xff\xd8\xff\xe0'), `a picture, not an image archive; ${MAKE_ONE}`],
  ['photo.tar', file('\xff\xd8\xff\xe0'), `a picture, not an image archive; ${MAKE_ONE}`],
  ['photo.heic', file('ftypheic', 4), `a picture, not an image archive; ${MAKE_ONE}`],
  ['film.mp4', file('ftypisom', 4), `a sound or video file, not an image archive; ${MAKE_ONE}`],
  ['small.gif', 'GIF89a', `a picture, not an image archive; ${MAKE_ONE}`],
  ['images.zip', file('PK\x03\x04'), `a zip file, not a tar; ${UNPACK}`],
  ['paper.pdf', file('%PDF-1.7'), `a PDF document, not an image archive; ${MAKE_ONE}`],
  ['tool', file('\x7fELF\x02\x01\x01'), `a program, not an image archive; ${MAKE_ONE}`],
  ['notes.txt', 'Milk, bread', `a text file, not an image archive; ${MAKE_ONE}`],
  ['long.txt', 'Grüße '.repeat(500), `a text file, not an image archive; ${MAKE_ONE}`],
  ['empty.tar', '', `empty; ${MAKE_ONE}`],
  ['noise', file('\x01\x02\x03\x04\xfe'), `not a tar, or a damaged one; download it again, or ${MAKE_ONE}`],
]

const failureOf = async (content: Blob) => readArchive(content).catch((error) => error)

it.each(files)('%s', async (name, content, said) => {
  for (const blob of [new Blob([content]), ...(content === '' ? [] : [new Blob([gzipSync(content)])])]) {
    const failure = await failureOf(blob)
    expect(failure).toBeInstanceOf(NoArchiveError)
    expect(failure.message).toBe(`this is ${said}`)
    expect(failure.naming(name).message).toBe(`"${name}" is ${said}`)
  }
})

it('what docker export wrote', async () => {
  const failure = await failureOf(
    await blobOf([
      ['etc/passwd', 'root'],
      ['bin/true', ''],
    ]),
  )
  expect(failure.message).toBe(
    `the archive holds the files of a container, as docker export writes them, but no image; ${MAKE_ONE}`,
  )
})
