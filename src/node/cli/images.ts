/** `flotilla images`: what a repository holds, what it takes, and where it came from. */
import { askOwner, type OwnerOptions } from './ask-owner.ts'
import { align, size } from './table.ts'

export interface ImagesOptions extends OwnerOptions {
  readonly repository: string
  readonly json?: boolean | undefined
}

interface Image {
  readonly digest: string
  readonly tags: readonly string[]
  readonly bytes: number
  readonly missing: number
  readonly kept: boolean
  readonly source: string
  readonly lastUsed?: number
}

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
    const response: Response = await askOwner(owner, 'GET', next)
    const page: { images: Image[] } = await response.json()
    yield* page.images
    next = /^<(.+)>/.exec(response.headers.get('link') ?? '')?.[1]
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
