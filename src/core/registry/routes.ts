/** The route table of `/v2/`: every path, its methods, and how they succeed and fail. */

import { jsonResponse } from '../http/message.ts'
import type { Route } from '../http/route.ts'
import type { Context } from './context.ts'
import { deleteBlob, getBlob } from './endpoints/blobs.ts'
import { listRepositories, listTags } from './endpoints/lists.ts'
import { deleteManifest, getManifest } from './endpoints/manifests.ts'
import { putManifest } from './endpoints/push-manifest.ts'
import { listReferrers } from './endpoints/referrers.ts'
import { cancelUpload, finishUpload, getUpload, patchUpload, startUpload } from './endpoints/uploads.ts'

const BYTES = 'application/octet-stream'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const NAMESPACE = { ns: 'host of the registry that a mirror stands in for' }
const PROVENANCE = {
  'Flotilla-Source':
    '`disk`, or the peers that the bytes come from with what each gave so far: `peer;id=12D3KooW…;bytes=1024`',
  'Server-Timing':
    'the same for the developer tools of browsers: `disk`, or `swarm` with the milliseconds of the search',
}
const PAGING = { n: 'maximum number of entries on the page', last: 'the entry that the page begins after' }

export const ROUTES: readonly Route<Context>[] = [
  {
    name: 'manifest',
    path: '/v2/{name}/manifests/{reference}',
    operations: {
      GET: {
        handle: getManifest,
        summary: 'Pull a manifest by tag or digest',
        specId: 'end-3',
        query: NAMESPACE,
        headers: {
          ...PROVENANCE,
          'Flotilla-Tag-Source': 'the peer whose tag this is, where it was not set here',
        },
        answer: MANIFEST,
        statuses: [200, 304],
        errors: ['NAME_INVALID', 'MANIFEST_UNKNOWN'],
      },
      PUT: {
        handle: putManifest,
        summary: 'Push a manifest under a tag or by its digest',
        specId: 'end-7a, end-7b',
        query: { tag: 'with a digest: a tag to set too; may be repeated' },
        body: MANIFEST,
        statuses: [201],
        errors: [
          'NAME_INVALID',
          'TAG_INVALID',
          'DIGEST_INVALID',
          'MANIFEST_INVALID',
          'MANIFEST_BLOB_UNKNOWN',
          'TOOMANYREQUESTS',
        ],
      },
      DELETE: {
        handle: deleteManifest,
        summary: 'Delete a tag, or a manifest with all its tags; it does not come back from peers',
        specId: 'end-9',
        statuses: [202],
        errors: ['NAME_INVALID', 'TAG_INVALID', 'DIGEST_INVALID', 'MANIFEST_UNKNOWN', 'UNSUPPORTED'],
      },
    },
  },
  {
    name: 'blob_upload',
    path: '/v2/{name}/blobs/uploads/',
    operations: {
      POST: {
        handle: startUpload,
        summary: 'Start an upload, mount a blob, or push a whole blob',
        specId: 'end-4a, end-4b, end-4c, end-11',
        query: {
          digest: 'the body is the whole blob and has this digest',
          'digest-algorithm': 'algorithm of the digest that will finish the upload: sha256 or sha512',
          mount: 'digest of a blob to take from another repository',
          from: 'that repository; without it, or where it is this one, any',
        },
        headers: { 'Flotilla-Source': '`disk` where the blob was mounted' },
        body: BYTES,
        statuses: [201, 202],
        errors: ['NAME_INVALID', 'DIGEST_INVALID', 'TOOMANYREQUESTS'],
      },
    },
  },
  {
    name: 'blob_upload_chunk',
    path: '/v2/{name}/blobs/uploads/{id}',
    operations: {
      GET: {
        handle: getUpload,
        summary: 'How much of an upload has arrived',
        specId: 'end-13',
        statuses: [204],
        errors: ['NAME_INVALID', 'BLOB_UPLOAD_UNKNOWN'],
      },
      PATCH: {
        handle: patchUpload,
        summary: 'Add a chunk to an upload',
        specId: 'end-5',
        body: BYTES,
        statuses: [202],
        errors: [
          'NAME_INVALID',
          'BLOB_UPLOAD_UNKNOWN',
          'BLOB_UPLOAD_INVALID',
          'RANGE_INVALID',
          'SIZE_INVALID',
        ],
      },
      PUT: {
        handle: finishUpload,
        summary: 'Finish an upload, with its last chunk or without',
        specId: 'end-6',
        query: { digest: 'digest of the whole blob' },
        body: BYTES,
        statuses: [201],
        errors: [
          'NAME_INVALID',
          'DIGEST_INVALID',
          'BLOB_UPLOAD_UNKNOWN',
          'BLOB_UPLOAD_INVALID',
          'RANGE_INVALID',
          'SIZE_INVALID',
        ],
      },
      DELETE: {
        handle: cancelUpload,
        summary: 'Cancel an upload',
        specId: 'end-14',
        statuses: [204],
        errors: ['NAME_INVALID', 'BLOB_UPLOAD_UNKNOWN'],
      },
    },
  },
  {
    name: 'blob',
    path: '/v2/{name}/blobs/{digest}',
    operations: {
      GET: {
        handle: getBlob,
        summary: 'Pull a blob, whole or in ranges',
        specId: 'end-2',
        query: NAMESPACE,
        headers: PROVENANCE,
        answer: BYTES,
        statuses: [200, 206, 304],
        errors: ['NAME_INVALID', 'DIGEST_INVALID', 'BLOB_UNKNOWN', 'RANGE_INVALID'],
      },
      DELETE: {
        handle: deleteBlob,
        summary: 'Delete a blob from the repository; it does not come back from peers',
        specId: 'end-10',
        statuses: [202],
        errors: ['NAME_INVALID', 'DIGEST_INVALID', 'BLOB_UNKNOWN', 'UNSUPPORTED'],
      },
    },
  },
  {
    name: 'tags',
    path: '/v2/{name}/tags/list',
    operations: {
      GET: {
        handle: listTags,
        summary: 'List the tags of a repository, a page at a time; `Link` leads to the next',
        specId: 'end-8a, end-8b',
        query: { ...PAGING, ...NAMESPACE },
        answer: 'TagList',
        statuses: [200],
        errors: ['NAME_INVALID', 'NAME_UNKNOWN', 'PAGINATION_NUMBER_INVALID'],
      },
    },
  },
  {
    name: 'referrers',
    path: '/v2/{name}/referrers/{digest}',
    operations: {
      GET: {
        handle: listReferrers,
        summary:
          'List what refers to a manifest: signatures, SBOMs, attestations; what came from a peer has the annotation `vnd.flotilla.peer` with its id',
        specId: 'end-12a, end-12b',
        query: {
          artifactType: 'only those of this type',
          last: 'where the page before ended, as its `Link` says',
          ...NAMESPACE,
        },
        answer: 'Index',
        statuses: [200],
        errors: ['NAME_INVALID', 'DIGEST_INVALID'],
      },
    },
  },
  {
    name: 'catalog',
    path: '/v2/_catalog',
    operations: {
      GET: {
        handle: listRepositories,
        summary: 'List the repositories',
        query: PAGING,
        answer: 'RepositoryList',
        statuses: [200],
        errors: ['PAGINATION_NUMBER_INVALID'],
      },
    },
  },
  {
    name: 'base',
    path: '/v2/',
    operations: {
      GET: {
        handle: async () => jsonResponse(200, {}),
        summary: 'Check that this is a registry',
        specId: 'end-1',
        answer: 'Base',
        statuses: [200],
        errors: [],
      },
    },
  },
]
