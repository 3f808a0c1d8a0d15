/** `flotilla images`: shows the images of a repository, their sizes, and where they came from. */
import * as z from 'zod/mini'
import { formatByteSize } from '../../core/byte-size.ts'
import { type AdminOptions, type AdminResponse, requestAdmin } from './admin-client.ts'
import { align } from './table.ts'

export interface ImagesOptions extends AdminOptions {
  readonly repository: string
  readonly json?: boolean | undefined
}

const imageSchema = z.looseObject({
  digest: z.string(),
  tags: z.array(z.string()),
  bytes: z.number(),
  missing: z.number(),
  kept: z.boolean(),
  source: z.string(),
  lastUsed: z.optional(z.number()),
})

type Image = z.infer<typeof imageSchema>

const pageSchema = z.object({ images: z.array(imageSchema) })

const HEAD = ['DIGEST', 'SIZE', 'MISSING', 'SOURCE', 'KEPT', 'LAST USED', 'TAGS']

export async function images({ repository, json = false, ...owner }: ImagesOptions): Promise<void> {
  const found: Image[] = []
  for await (const image of allImages(repository, owner)) found.push(image)
  const text = json
    ? JSON.stringify(found, undefined, 2)
    : found.length === 0
      ? 'No images.'
      : align([HEAD, ...found.map(row)]).join('\n')
  process.stdout.write(`${text}\n`)
}

async function* allImages(repository: string, owner: AdminOptions): AsyncGenerator<Image> {
  let next: string | undefined = `/flotilla/images?${new URLSearchParams({ repository, n: '1000' })}`
  while (next) {
    const { value, next: following }: AdminResponse<{ images: Image[] }> = await requestAdmin(owner, {
      method: 'GET',
      path: next,
      schema: pageSchema,
    })
    yield* value.images
    next = following
  }
}

const row = ({ digest, bytes, missing, source, kept, lastUsed, tags }: Image): string[] => [
  digest,
  formatByteSize(bytes),
  String(missing),
  source,
  kept ? 'yes' : '',
  lastUsed === undefined ? '-' : new Date(lastUsed).toISOString().slice(0, 16).replace('T', ' '),
  tags.join(' '),
]
