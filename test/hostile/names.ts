/** Repository names that break a rule of the grammar, or try to be something else than a name. */

import type { RequestRow } from './row.ts'
import { BLOB_DIGEST, MANIFEST, MANIFEST_TYPE, REPOSITORY } from './stored.ts'

const MALFORMED = [
  'Image',
  'IMAGE',
  'library/Image',
  'imagE',
  '.image',
  'image.',
  '-image',
  'image-',
  '_image',
  'image_',
  '_catalog',
  '__proto__',
  'toString',
  'a..b',
  'a___b',
  'a._b',
  'a_.b',
  'a-.b',
  'a.-b',
  'a-_b',
  'a/.b',
  'a/b.',
  'a/-b',
  'a/_b',
  '/a',
  'a/',
  'a//b',
  '/',
  '//',
  '.',
  '..',
  'a/.',
  'a/..',
  'a:b',
  'localhost:5000/a',
  'user@a',
  'a@sha256:b',
  'a$b',
  'a;b',
  "a'b",
  'a"b',
  'a\\b',
  '\\\\host\\share',
  'a*b',
  'a|b',
  'a<b>',
  'a{b}',
  'a[0]',
  'a(b)',
  'a!',
  'a^b',
  'a`id`',
  'a+b',
  'a=b',
  'a,b',
  'a&b',
  '~root',
  '$(id)',
  "a' OR '1'='1",
  '%61',
  'a%20b',
  'a%2fb',
  'a%2Fb',
  'a%252fb',
  'a%00',
  'a%0d%0aX-Injected:%201',
  'a%',
  'a%zz',
  'a%u0061',
  '%c3%a9',
  '%ef%bc%a1',
  '%f0%9f%90%b3',
  '%c0%ae%c0%ae',
  '%ff%fe',
  '%e2%80%ae',
].map((name) => name.replaceAll(' ', '%20'))

const LONG = [
  ['256 characters', 'a'.repeat(256)],
  ['256 characters in components', `${'a/'.repeat(127)}aa`],
  ['a name of 10,000 characters', 'a'.repeat(10_000)],
  ['5,000 components', `${'a/'.repeat(4_999)}a`],
  ['10,000 dashes', `a${'-'.repeat(10_000)}b`],
  ['10,000 separators that nearly fit', `${'a.'.repeat(5_000)}/`],
] as const

const refusals = [...MALFORMED.map((name) => [name, name] as const), ...LONG].flatMap(
  ([title, name]): RequestRow[] => [
    {
      title: `pull from ${title}`,
      target: `/v2/${name}/manifests/latest`,
      statuses: [400],
      code: 'NAME_INVALID',
    },
    {
      title: `push to ${title}`,
      method: 'POST',
      target: `/v2/${name}/blobs/uploads/`,
      statuses: [400],
      code: 'NAME_INVALID',
    },
  ],
)

/** Each way into a repository checks its name. */
const EVERY_DOOR: readonly RequestRow[] = [
  { title: 'HEAD', method: 'HEAD', target: '/v2/A/manifests/latest', statuses: [400] },
  {
    title: 'push of a manifest',
    method: 'PUT',
    target: '/v2/A/manifests/latest',
    headers: [`Content-Type: ${MANIFEST_TYPE}`],
    body: MANIFEST,
    statuses: [400],
    code: 'NAME_INVALID',
  },
  {
    title: 'delete of a manifest',
    method: 'DELETE',
    target: '/v2/A/manifests/latest',
    statuses: [400],
    code: 'NAME_INVALID',
  },
  { title: 'tags', target: '/v2/A/tags/list', statuses: [400], code: 'NAME_INVALID' },
  { title: 'referrers', target: `/v2/A/referrers/${BLOB_DIGEST}`, statuses: [400], code: 'NAME_INVALID' },
  { title: 'blob', target: `/v2/A/blobs/${BLOB_DIGEST}`, statuses: [400], code: 'NAME_INVALID' },
  {
    title: 'delete of a blob',
    method: 'DELETE',
    target: `/v2/A/blobs/${BLOB_DIGEST}`,
    statuses: [400],
    code: 'NAME_INVALID',
  },
  { title: 'upload status', target: '/v2/A/blobs/uploads/1', statuses: [400], code: 'NAME_INVALID' },
  {
    title: 'chunk',
    method: 'PATCH',
    target: '/v2/A/blobs/uploads/1',
    body: 'x',
    statuses: [400],
    code: 'NAME_INVALID',
  },
  {
    title: 'finish',
    method: 'PUT',
    target: `/v2/A/blobs/uploads/1?digest=${BLOB_DIGEST}`,
    statuses: [400],
    code: 'NAME_INVALID',
  },
  {
    title: 'cancel',
    method: 'DELETE',
    target: '/v2/A/blobs/uploads/1',
    statuses: [400],
    code: 'NAME_INVALID',
  },
].map((row): RequestRow => ({ ...row, title: `name in upper case: ${row.title}` }) as RequestRow)

/** Words that mean something elsewhere are names like any other. */
const UNKNOWN = [
  'constructor',
  'con',
  'nul',
  'v2',
  'manifests',
  'blobs/uploads',
  'tags/list',
  'null',
  '0',
  'a'.repeat(255),
]
const unknown = UNKNOWN.map(
  (name): RequestRow => ({
    title: `pull from the unknown repository ${name.slice(0, 20)}`,
    target: `/v2/${name}/manifests/latest`,
    statuses: [404],
    code: 'MANIFEST_UNKNOWN',
  }),
)

/** A mount that cannot be is answered with an upload. */
const SOURCES = [
  'A',
  '..',
  '../..',
  '%2e%2e%2f',
  'a%00',
  '',
  REPOSITORY.toUpperCase(),
  'no/such',
  'a'.repeat(300),
  '%ff',
]
const mounts = SOURCES.map(
  (from): RequestRow => ({
    title: `mount from ${from.slice(0, 20)}`,
    method: 'POST',
    target: `/v2/other/blobs/uploads/?mount=${BLOB_DIGEST.replace(/.{4}$/, '0000')}&from=${from}`,
    statuses: [202],
  }),
)

export const NAMES: readonly RequestRow[] = [...refusals, ...EVERY_DOOR, ...unknown, ...mounts]
