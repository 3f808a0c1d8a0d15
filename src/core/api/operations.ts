/**
 * What each method of each route under `/flotilla/` does, takes and answers: for `docs/api.md`, `docs/openapi.json`, and the
 * types of handlers.
 */
import type { Method, OperationInfo } from '../http/route.ts'
import type { RouteName } from './routes.ts'
import type { SchemaName } from './schemas.ts'

export interface ApiOperation extends OperationInfo {
  readonly body?: SchemaName
  readonly answer?: SchemaName | `${string}/${string}`
  /** Absent: on servers and in browsers. */
  readonly only?: 'server' | 'browser'
}

export type ApiOperations = Readonly<Partial<Record<Method, ApiOperation>>>

const PAGING = {
  n: 'maximum number of entries on the page',
  last: 'where the page begins, as the `Link` of the previous page says',
}

const UNWANTED = {
  repository: 'the repository',
  tag: 'a tag to delete without its image; may be repeated',
  digest: 'an image to delete with all its tags and everything that only it needs; may be repeated',
  all: 'instead of `tag` and `digest`: the whole repository',
}

const OF_A_PEER = ['DENIED', 'UNAVAILABLE', 'UNSUPPORTED', 'PAGINATION_NUMBER_INVALID'] as const

export const API_OPERATIONS = {
  storage: {
    GET: {
      summary:
        'How much is stored, and how much of it each repository takes. `bytes`, `blobs` and `evictable` are on the first page; later pages have the list alone',
      query: PAGING,
      answer: 'Storage',
      statuses: [200],
      errors: ['PAGINATION_NUMBER_INVALID'],
    },
  },
  images: {
    GET: {
      summary:
        'The manifests of a repository, newest first: their sizes, how much is missing, where they came from and how their tags were set',
      query: {
        repository: 'the repository',
        digest: 'only this one; may be repeated, and then there is one page',
        ...PAGING,
      },
      answer: 'Images',
      statuses: [200],
      errors: ['NAME_INVALID', 'NAME_UNKNOWN', 'DIGEST_INVALID', 'PAGINATION_NUMBER_INVALID'],
    },
    DELETE: {
      summary:
        'Delete tags, images with the platforms, signatures and layers that nothing else needs, or a whole repository',
      query: UNWANTED,
      answer: 'Removed',
      statuses: [200],
      errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID', 'UNSUPPORTED'],
    },
  },
  removal: {
    GET: {
      summary: 'How many bytes such a deletion would free, and how many manifests it would delete',
      query: UNWANTED,
      answer: 'Removal',
      statuses: [200],
      errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID', 'UNSUPPORTED'],
    },
  },
  deletions: {
    DELETE: {
      summary: 'Forget that a tag or an image was deleted, so that it may come from peers again',
      statuses: [204],
      errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID'],
    },
  },
  blobs: {
    DELETE: {
      summary: 'Delete what an abandoned push has sent, except what an image of the repository needs',
      query: {
        repository: 'the repository that was pushed to',
        digest: 'a blob; may be repeated',
      },
      answer: 'Removed',
      statuses: [200],
      errors: ['NAME_INVALID', 'DIGEST_INVALID'],
    },
  },
  blob: {
    GET: {
      summary: 'Where a blob came from, and which repositories serve it',
      answer: 'Blob',
      statuses: [200],
      errors: ['DIGEST_INVALID', 'BLOB_UNKNOWN'],
    },
  },
  kept: {
    PUT: {
      summary:
        'Never evict this image or anything that it needs. If it is not stored, it is pulled from peers, even if it was deleted here',
      statuses: [204],
      errors: ['NAME_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
    },
    DELETE: {
      summary: 'Allow this image to be evicted again',
      statuses: [204],
      errors: ['NAME_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
    },
  },
  evict: {
    POST: {
      summary:
        'Free what unfinished pushes and pulls have left, however recent, unless it is in use; then evict images that came from peers, least recently used first, down to the budget of the cache',
      query: {
        dry: 'only say what would be freed now',
        repository: 'only what is left of pushes to this repository',
        to: 'bytes that images from peers may take, instead of the budget',
      },
      answer: 'Evicted',
      statuses: [200],
      errors: ['NAME_INVALID', 'SIZE_INVALID'],
    },
  },
  peers: {
    GET: {
      summary:
        'The peers that are connected: how, whether they tell what they have, and how much was transferred',
      answer: 'Peers',
      statuses: [200],
      errors: ['UNAVAILABLE'],
    },
  },
  peerRepositories: {
    GET: {
      summary: 'The repositories that a peer shares now, with their tags and sizes',
      query: PAGING,
      answer: 'PeerRepositories',
      statuses: [200],
      errors: OF_A_PEER,
    },
  },
  peerTags: {
    GET: {
      summary: 'The tags of a repository of a peer: the digest of each, and its size there',
      query: { repository: 'the repository', ...PAGING },
      answer: 'PeerTags',
      statuses: [200],
      errors: [...OF_A_PEER, 'NAME_INVALID', 'NAME_UNKNOWN'],
    },
  },
  archive: {
    GET: {
      only: 'browser',
      summary: 'An image as a tar, to download',
      query: {
        format: '`docker` (as `docker save` writes it; the default) or `oci` (an OCI layout)',
        platform: 'the platform to take from an index, such as `linux/arm64`',
      },
      answer: 'application/x-tar',
      statuses: [200],
      errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN', 'UNSUPPORTED'],
    },
  },
  settings: {
    GET: {
      only: 'browser',
      summary: 'The settings of the registry in this browser',
      answer: 'Settings',
      statuses: [200],
      errors: [],
    },
    PUT: {
      only: 'browser',
      summary: 'Replace all settings',
      body: 'Settings',
      answer: 'Settings',
      statuses: [200],
      errors: ['UNSUPPORTED', 'SIZE_INVALID'],
    },
  },
  client: {
    GET: {
      only: 'browser',
      summary: 'The id by which the service worker knows the tab that asks',
      answer: 'Client',
      statuses: [200],
      errors: [],
    },
  },
  pageAddress: {
    GET: {
      only: 'browser',
      summary: 'At which address people should open the page, and where else images may be stored',
      answer: 'PageAddress',
      statuses: [200],
      errors: [],
    },
    POST: {
      only: 'server',
      summary:
        'Tell the server whether a browser stores images at the address of the page, and ask for others',
      query: { images: '`true` if images are stored at this address' },
      answer: 'PageAddress',
      statuses: [200],
      errors: ['UNSUPPORTED'],
    },
  },
  localPeer: {
    GET: {
      only: 'server',
      summary: 'Which peer this is, and with a nonce the proof of it',
      query: { nonce: '22 to 64 characters of base64url, to be signed' },
      answer: 'LocalPeer',
      statuses: [200],
      errors: ['DENIED', 'UNAVAILABLE', 'UNSUPPORTED', 'TOOMANYREQUESTS'],
    },
  },
  request: {
    POST: {
      only: 'server',
      summary: 'One request of the protocol `/flotilla/blob/1.0.0`, answered as a stream of libp2p would',
      body: 'PeerRequest',
      answer: 'application/octet-stream',
      statuses: [200],
      errors: ['DENIED', 'UNAVAILABLE', 'UNSUPPORTED', 'TOOMANYREQUESTS'],
    },
  },
} as const satisfies Record<RouteName, ApiOperations>
