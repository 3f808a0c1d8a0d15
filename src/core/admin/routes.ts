/** The route table of the owner's API. */
import type { Route } from '../http/route.ts'
import type { AdminContext } from './context.ts'
import { getBlobFacts } from './endpoints/blobs.ts'
import { evict, keepImage, releaseImage } from './endpoints/eviction.ts'
import { listImages } from './endpoints/images.ts'
import { listPeerRepositories, listPeerTags } from './endpoints/peers.ts'
import { discardBlobs, forgetDeletion, measureRemoval, removeImages } from './endpoints/removal.ts'
import { getStorage } from './endpoints/storage.ts'

const PAGING = {
  n: 'most entries on the page',
  last: 'where the page begins, as the `Link` of the one before says',
}

const UNWANTED = {
  repository: 'the repository',
  tag: 'a tag that goes alone; may be given several times',
  digest: 'an image that goes with all its tags and all that only it needs; may be given several times',
  all: 'in place of both: the whole repository',
}

export const ADMIN_ROUTES: readonly Route<AdminContext>[] = [
  {
    name: 'storage',
    path: '/flotilla/storage',
    operations: {
      GET: {
        handle: getStorage,
        summary:
          'What is stored, and which repositories take how much of it: `bytes.total` is the sum of images that were `pushed`, or came from peers (`cached`), of blobs that no image needs (`orphans`), and of `uploads` and `downloads` that are under way or may go on. The first page says this, and how many bytes of images are `evictable`; what follows is the list alone. Of a repository, `shared` is what others have too, and `orphans` what its images do not need',
        query: PAGING,
        statuses: [200],
        errors: ['PAGINATION_NUMBER_INVALID'],
      },
    },
  },
  {
    name: 'images',
    path: '/flotilla/images',
    operations: {
      GET: {
        handle: listImages,
        summary:
          'The manifests of a repository, newest first: what they take, what they miss, where they came from; and of each tag (`tagged`) when it was set, and for one taken from a peer (`peer`) when peers were last asked for it',
        query: {
          repository: 'the repository',
          digest: 'only this one; may be given several times, and then there is one page',
          ...PAGING,
        },
        statuses: [200],
        errors: ['NAME_INVALID', 'NAME_UNKNOWN', 'DIGEST_INVALID', 'PAGINATION_NUMBER_INVALID'],
      },
      DELETE: {
        handle: removeImages,
        summary:
          'Delete tags, images with the platforms, signatures and layers that nothing else needs, or a whole repository; says how many bytes came free',
        query: UNWANTED,
        statuses: [200],
        errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID', 'UNSUPPORTED'],
      },
    },
  },
  {
    name: 'freed',
    path: '/flotilla/freed',
    operations: {
      GET: {
        handle: measureRemoval,
        summary: 'How many bytes that deletion would free, and how many manifests would go',
        query: UNWANTED,
        statuses: [200],
        errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID', 'UNSUPPORTED'],
      },
    },
  },
  {
    name: 'deletions',
    path: '/flotilla/deletions/{name}/{reference}',
    operations: {
      DELETE: {
        handle: forgetDeletion,
        summary: 'Forget that a tag or image was deleted, so that it may come from peers again',
        statuses: [204],
        errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID'],
      },
    },
  },
  {
    name: 'unneeded',
    path: '/flotilla/blobs',
    operations: {
      DELETE: {
        handle: discardBlobs,
        summary:
          'Let go of what a push had sent before it was given up, as far as no image of the repository needs it; says how many bytes came free',
        query: {
          repository: 'the repository that was pushed to',
          digest: 'a blob; may be given several times',
        },
        statuses: [200],
        errors: ['NAME_INVALID', 'DIGEST_INVALID'],
      },
    },
  },
  {
    name: 'blobs',
    path: '/flotilla/blobs/{digest}',
    operations: {
      GET: {
        handle: getBlobFacts,
        summary: 'Where a blob came from and which repositories serve it',
        statuses: [200],
        errors: ['DIGEST_INVALID', 'BLOB_UNKNOWN'],
      },
    },
  },
  {
    name: 'kept',
    path: '/flotilla/kept/{name}/{digest}',
    operations: {
      PUT: {
        handle: keepImage,
        summary:
          'Keep an image, with all that it needs, however full the cache is; one that is not here is brought from peers, also where it was deleted',
        statuses: [204],
        errors: ['NAME_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
      },
      DELETE: {
        handle: releaseImage,
        summary: 'Keep it no longer than others',
        statuses: [204],
        errors: ['NAME_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN'],
      },
    },
  },
  {
    name: 'evict',
    path: '/flotilla/evict',
    operations: {
      POST: {
        handle: evict,
        summary:
          'Free what is left of pushes and pulls that came to no end, however young, unless it is in use; then remove what came from peers, least recently used first, down to the budget of the cache. Says how many bytes of each were freed: `orphans` (blobs that no image needs), `uploads`, `downloads`, `images`, and `freed`, their sum',
        query: {
          dry: 'only say what would be freed now; and `spared`, what is left because it was used a moment ago',
          repository: 'only what is left of pushes to this one',
          to: 'in place of the budget: bytes that what came from peers may take',
        },
        statuses: [200],
        errors: ['NAME_INVALID', 'SIZE_INVALID'],
      },
    },
  },
  {
    name: 'peer-repositories',
    path: '/flotilla/peers/{id}/repositories',
    operations: {
      GET: {
        handle: listPeerRepositories,
        summary: 'The repositories that a peer shares, as it tells them now: their tags and sizes',
        query: PAGING,
        statuses: [200],
        errors: ['DENIED', 'UNAVAILABLE', 'UNSUPPORTED', 'PAGINATION_NUMBER_INVALID'],
      },
    },
  },
  {
    name: 'peer-tags',
    path: '/flotilla/peers/{id}/tags',
    operations: {
      GET: {
        handle: listPeerTags,
        summary: 'The tags of a repository of a peer: what each names, and its size there',
        query: { repository: 'the repository', ...PAGING },
        statuses: [200],
        errors: [
          'DENIED',
          'UNAVAILABLE',
          'UNSUPPORTED',
          'NAME_INVALID',
          'NAME_UNKNOWN',
          'PAGINATION_NUMBER_INVALID',
        ],
      },
    },
  },
]
