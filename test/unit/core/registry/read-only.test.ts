import { type Call, describeCalls } from '../../../support/calls.ts'
import { digestOf, pushBlob } from '../../../support/push.ts'

const DIGEST = digestOf('content')
const given: Call['given'] = (registry) => pushBlob(registry, 'a', 'content')

describeCalls(
  'where deletion is off',
  {
    'blobs stay': {
      given,
      call: `DELETE /v2/a/blobs/${DIGEST}`,
      status: 405,
      error: 'UNSUPPORTED',
      answers: { Allow: 'GET, HEAD' },
    },
    'manifests and tags stay': {
      call: 'DELETE /v2/a/manifests/1',
      status: 405,
      error: 'UNSUPPORTED',
      answers: { Allow: 'GET, HEAD, PUT' },
    },
    'uploads can be cancelled all the same': { call: 'DELETE /v2/a/blobs/uploads/1', status: 404 },
  },
  { storage: { delete: { enabled: false } } },
)

const refused = (call: string): Call => ({ call, status: 405, error: 'UNSUPPORTED' })

describeCalls(
  'where the registry is read-only',
  {
    'blobs are not pushed': refused('POST /v2/a/blobs/uploads/'),
    'uploads do not go on': refused('PATCH /v2/a/blobs/uploads/1'),
    'uploads are not finished': refused('PUT /v2/a/blobs/uploads/1'),
    'uploads are not cancelled': refused('DELETE /v2/a/blobs/uploads/1'),
    'manifests are not pushed': { ...refused('PUT /v2/a/manifests/1'), answers: { Allow: 'GET, HEAD' } },
    'manifests are not deleted': refused('DELETE /v2/a/manifests/1'),
    'blobs are not deleted': refused(`DELETE /v2/a/blobs/${DIGEST}`),
    'the base is as ever': { call: 'GET /v2/', status: 200 },
    'pulls are as ever': { call: 'GET /v2/a/manifests/1', status: 404, error: 'MANIFEST_UNKNOWN' },
  },
  { storage: { maintenance: { readonly: { enabled: true } } } },
)
