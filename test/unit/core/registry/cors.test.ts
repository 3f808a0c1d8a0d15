import { type Call, describeCalls } from '../../../support/calls.ts'
import { digestOf, pushBlob } from '../../../support/push.ts'

const PAGE = 'https://page.example'
const WRITER = 'https://writer.example'
const OTHER = 'https://other.example'

const NONE = {
  'Access-Control-Allow-Origin': null,
  'Access-Control-Expose-Headers': null,
  'Access-Control-Allow-Credentials': null,
}

const EXPOSED = [
  'Docker-Content-Digest',
  'Docker-Upload-UUID',
  'Location',
  'Range',
  'Link',
  'WWW-Authenticate',
  'OCI-Subject',
  'OCI-Filters-Applied',
]

const allowing = (origin: string) => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Expose-Headers': new RegExp(EXPOSED.map((name) => `(?=.*\\b${name}\\b)`).join('')),
})

const from = (origin: string, call: string, rest: Pick<Call, 'status'> & Partial<Call>): Call => ({
  call,
  headers: { Origin: origin },
  ...rest,
})

describeCalls('a registry that names no origins', {
  'refuses a page that reads': from(PAGE, 'GET /v2/', { status: 403, error: 'DENIED', answers: NONE }),
  'refuses a page that asks first': from(PAGE, 'OPTIONS /v2/', { status: 403, answers: NONE }),
  'refuses a page that writes': from(PAGE, 'POST /v2/a/blobs/uploads/', {
    status: 403,
    error: 'DENIED',
    answers: NONE,
  }),
  'refuses a page that deletes': from(PAGE, 'DELETE /v2/a/manifests/1', { status: 403, error: 'DENIED' }),
  'refuses a page without an origin of its own': from('null', 'POST /v2/a/blobs/uploads/', { status: 403 }),
  'refuses a page of another port': from('http://registry.example:81', 'POST /v2/a/blobs/uploads/', {
    status: 403,
  }),
  'serves pages of its own': from('http://registry.example', 'POST /v2/a/blobs/uploads/', { status: 202 }),
  'serves pages of its own behind a proxy that ends TLS': from(
    'https://registry.example',
    'POST /v2/a/blobs/uploads/',
    { status: 202 },
  ),
  'serves clients that are no pages': { call: 'POST /v2/a/blobs/uploads/', status: 202, answers: NONE },
})

describeCalls(
  'a registry that names an origin',
  {
    'lets its pages read': from(PAGE, 'GET /v2/', { status: 200, answers: allowing(PAGE) }),
    'lets its pages read failures': from(PAGE, 'GET /v2/a/tags/list', {
      status: 404,
      answers: allowing(PAGE),
    }),
    'lets its pages read 404': from(PAGE, 'GET /nowhere', { status: 404, answers: allowing(PAGE) }),
    'lets its pages read why they may not write': from(PAGE, 'POST /v2/a/blobs/uploads/', {
      status: 403,
      error: 'DENIED',
      answers: allowing(PAGE),
    }),
    'refuses its pages that delete': from(PAGE, 'DELETE /v2/a/manifests/1', { status: 403 }),
    'refuses others that read': from(OTHER, 'GET /v2/', { status: 403, answers: NONE }),
    'refuses others that write': from(OTHER, 'PUT /v2/a/manifests/1', { status: 403, error: 'DENIED' }),
    'tells caches that the answer depends on it': from(PAGE, 'GET /v2/', {
      status: 200,
      answers: { Vary: 'Origin' },
    }),
    'tells caches so for other pages too': from(OTHER, 'GET /v2/', {
      status: 403,
      answers: { Vary: 'Origin' },
    }),
    'tells caches so without an origin too': { call: 'GET /v2/', status: 200, answers: { Vary: 'Origin' } },
  },
  { http: { cors: { origins: [PAGE, 'https://second.example'] } } },
)

describeCalls(
  'a registry that names a writer',
  {
    'lets its pages read': from(PAGE, 'GET /v2/', { status: 200, answers: allowing(PAGE) }),
    'lets its pages read 405': from(PAGE, 'POST /v2/', { status: 405, answers: allowing(PAGE) }),
    'lets its pages write': from(PAGE, 'POST /v2/a/blobs/uploads/', { status: 202, answers: allowing(PAGE) }),
    'knows an origin as browsers write it': from('https://xn--bcher-kva.example', 'GET /v2/', {
      status: 200,
    }),
    'knows extensions': from('chrome-extension://abcdef', 'GET /v2/', { status: 200 }),
    'refuses others that read': from(OTHER, 'GET /v2/', { status: 403, answers: NONE }),
  },
  { http: { cors: { writers: [PAGE, 'https://B\u00fccher.example:443', 'chrome-extension://abcdef'] } } },
)

describeCalls(
  'a preflight',
  {
    'of a writer is answered with the methods of the path': {
      call: 'OPTIONS /v2/a/blobs/uploads/1',
      headers: {
        Origin: WRITER,
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'content-range,content-type',
      },
      status: 204,
      text: '',
      answers: {
        'Access-Control-Allow-Origin': WRITER,
        'Access-Control-Allow-Methods': 'DELETE, GET, HEAD, PATCH, PUT',
        'Access-Control-Allow-Headers': 'content-range,content-type',
        'Access-Control-Max-Age': /^\d+$/,
      },
    },
    'of a reader is answered with those that read': {
      call: 'OPTIONS /v2/a/blobs/uploads/1',
      headers: { Origin: PAGE, 'Access-Control-Request-Method': 'PATCH' },
      status: 204,
      answers: { 'Access-Control-Allow-Origin': PAGE, 'Access-Control-Allow-Methods': 'GET, HEAD' },
    },
    'is answered before the name is looked at': from(PAGE, 'OPTIONS /v2/-A/tags/list', {
      status: 204,
      answers: { 'Access-Control-Allow-Origin': PAGE },
    }),
    'is answered for paths that are none': from(PAGE, 'OPTIONS /nowhere', {
      status: 204,
      answers: { 'Access-Control-Allow-Origin': PAGE },
    }),
    'from a page into a private network': {
      call: 'OPTIONS /v2/',
      headers: { Origin: PAGE, 'Access-Control-Request-Private-Network': 'true' },
      status: 204,
      answers: { 'Access-Control-Allow-Private-Network': 'true' },
    },
    'of another origin allows it nothing': from(OTHER, 'OPTIONS /v2/', { status: 403, answers: NONE }),
  },
  { http: { cors: { origins: [PAGE], writers: [WRITER] } } },
)

describeCalls(
  'a registry for all origins',
  {
    'lets any page read': from(OTHER, 'GET /v2/', { status: 200, answers: allowing('*') }),
    'lets none of them write': from(OTHER, 'POST /v2/a/blobs/uploads/', { status: 403, error: 'DENIED' }),
    'tells none that it may': from(OTHER, 'OPTIONS /v2/a/blobs/uploads/', {
      status: 204,
      answers: { 'Access-Control-Allow-Methods': '' },
    }),
    'answers caches that ask without an origin alike': {
      call: 'GET /v2/',
      status: 200,
      answers: { 'Access-Control-Allow-Origin': '*' },
    },
    'lets any page read ranges': {
      given: (registry) => pushBlob(registry, 'a', 'bytes'),
      call: `GET /v2/a/blobs/${digestOf('bytes')}`,
      headers: { Origin: PAGE, Range: 'bytes=0-1' },
      status: 206,
      text: 'by',
      answers: allowing('*'),
    },
  },
  { http: { cors: { origins: ['*'] } } },
)

describeCalls(
  'headers of the configuration',
  {
    'are on every answer': { call: 'GET /v2/', status: 200, answers: { 'X-Custom': 'one, two' } },
    'are on failures': { call: 'GET /nowhere', status: 404, answers: { 'X-Custom': 'one, two' } },
  },
  { http: { headers: { 'X-Custom': ['one', 'two'] } } },
)
