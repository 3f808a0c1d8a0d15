/** `flotilla images`: what a repository holds, what it takes, and where it came from. */
import * as z from 'zod/mini'
import { type Answer, askOwner, type OwnerOptions } from './admin-client.ts'
import { align, size } from './table.ts'

export interface ImagesOptions extends OwnerOptions {
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

async function* allImages(repository: string, owner: OwnerOptions): AsyncGenerator<Image> {
  let next: string | undefined = `/flotilla/images?${new URLSearchParams({ repository, n: '1000' })}`
  while (next) {
    const { value, next: following }: Answer<{ images: Image[] }> = await askOwner(owner, {
      method: 'GET',
      path: next,
      answer: pageSchema,
    })
    yield* value.images
    next = following
  }
}

const row = ({ digest, bytes, missing, source, kept, lastUsed, tags }: Image): string[] => [
  digest,
  size(bytes),
  String(missing),
  source,
  kept ? 'yes' : '',
  lastUsed === undefined ? '-' : new Date(lastUsed).toISOString().slice(0, 16).replace('T', ' '),
  tags.join(' '),
]
