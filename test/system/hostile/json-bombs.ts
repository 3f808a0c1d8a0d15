/** Manifests that are built to exhaust or confuse a JSON parser, up to the size limit and beyond. */

import { accept, image, push } from './manifests.ts'
import type { RequestRow } from './row.ts'
import { CONFIG_DESCRIPTOR, INDEX_TYPE, LAYER_DESCRIPTOR, MANIFEST_TYPE } from './stored.ts'

const LIMIT = 4 * 1024 * 1024
const BEYOND = { statuses: [413], code: 'MANIFEST_INVALID' } as const

const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)

/** JSON text that `JSON.stringify` would not write. */
const imageWith = (fields: string): string => image({}).replace(/}$/, `,${fields}}`)

const DEEP: readonly RequestRow[] = [
  push('2,000,000 nested lists', () => nested('[', ']', LIMIT / 2)),
  push('4,000,000 lists that never end', () => '['.repeat(LIMIT)),
  push('800,000 nested objects', () => `${'{"":'.repeat(800_000)}0${'}'.repeat(800_000)}`),
  push('1,000,000 objects that never end', () => '{"":'.repeat(LIMIT / 4)),
  push('annotations that are nested', () => imageWith(`"annotations":{"a":${nested('[', ']', 1_000_000)}}`)),
  push('a layer that is nested', () => imageWith(`"layers":${nested('[', ']', 1_000_000)}`)),
  push('an unknown field that is nested', () => imageWith(`"x":${nested('[', ']', 1_000_000)}`)),
  accept('an unknown field that is nested less', () => imageWith(`"x":${nested('[', ']', 100_000)}`)),
  accept('a nested field of a config', () =>
    image({}).replace('"config":{', `"config":{"x":${nested('[', ']', 100_000)},`),
  ),
]

const WIDE: readonly RequestRow[] = [
  push('1,300,000 empty lists', () => `[${'[],'.repeat(1_300_000)}[]]`),
  push('1,300,000 empty objects', () => `{"layers":[${'{},'.repeat(1_300_000)}{}]}`),
  push('40,000 layers that are not here', () => image({ layers: many(40_000, (n) => `a:${n}`) }), {
    code: 'MANIFEST_BLOB_UNKNOWN',
  }),
  push(
    '40,000 children that are not here',
    () => JSON.stringify({ schemaVersion: 2, manifests: many(40_000, (n) => `a:${n}`) }),
    { type: INDEX_TYPE, code: 'MANIFEST_BLOB_UNKNOWN' },
  ),
  accept('35,000 times the same layer', () => image({ layers: many(35_000, () => LAYER_DESCRIPTOR.digest) })),
  accept('300,000 annotations', () =>
    image({ annotations: Object.fromEntries(Array.from({ length: 300_000 }, (_, n) => [n, ''])) }),
  ),
  accept('4 MiB of one annotation', () => image({ annotations: { a: 'a'.repeat(LIMIT - 1_000) } })),
  accept('500,000 times the same annotation', () =>
    imageWith(`"annotations":{${'"a":"",'.repeat(500_000)}"a":""}`),
  ),
  accept('4 MiB of white space', () => image({}).padEnd(LIMIT)),
  accept('600,000 escapes', () => imageWith(`"x":"${'\\u0000'.repeat(600_000)}"`)),
]

const many = (length: number, digest: (n: number) => string): object[] =>
  Array.from({ length }, (_, n) => ({ mediaType: 'a/b', digest: digest(n), size: 1 }))

const NUMBERS: readonly RequestRow[] = [
  ...['1e400', '-1e400', '9007199254740993', '18446744073709551616', '-0.5', '1'.padEnd(LIMIT / 2, '0')].map(
    (size) => push(`size ${size.slice(0, 30)}`, () => image({}).replace('"size":2', `"size":${size}`)),
  ),
  push('schemaVersion 2e9999', image({}).replace('"schemaVersion":2', '"schemaVersion":2e9999')),
  accept('size 1e-400', image({}).replace('"size":2', '"size":1e-400')),
  accept('schemaVersion 2.0', image({}).replace('"schemaVersion":2', '"schemaVersion":2.0')),
]

const TEXT: readonly RequestRow[] = [
  push('bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
  push('text in UTF-16', Buffer.from(image({}), 'utf16le')),
  push(
    'an overlong encoding',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  ),
  push(
    'a surrogate in UTF-8',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  ),
  push('a byte order mark', `\u{feff}${image({})}`),
  push('a null byte at the end', `${image({})}\0`),
  push('4 MiB of null bytes', () => Buffer.alloc(LIMIT)),
  push('4 MiB of bytes that are no text', () => Buffer.alloc(LIMIT, 0xff)),
  push('a line end within a text', imageWith('"x":"\n"')),
  push(
    'a lone surrogate in a digest',
    imageWith('"layers":[{"mediaType":"a/b","digest":"sha256:\\ud800","size":1}]'),
  ),
  accept('lone surrogates in annotations', imageWith('"annotations":{"\\ud800":"\\udfff"}')),
  accept('a lone surrogate as artifact type', imageWith('"artifactType":"\\ud800"')),
  accept('null characters as artifact type', imageWith('"artifactType":"a\\u0000b"')),
]

const CONFUSING: readonly RequestRow[] = [
  push('two versions', imageWith('"schemaVersion":1')),
  push('two media types', imageWith(`"mediaType":"${INDEX_TYPE}"`)),
  push('two configs, the second one none', imageWith('"config":null')),
  push('everything in the prototype', `{"__proto__":${image({})}}`),
  push('a version in the prototype', `{"__proto__":{"schemaVersion":2},"config":{}}`),
  push(
    'a config in the prototype',
    `{"schemaVersion":2,"__proto__":{"config":${JSON.stringify(CONFIG_DESCRIPTOR)}}}`,
  ),
  push(
    'a digest in the prototype',
    `{"schemaVersion":2,"config":{"__proto__":${JSON.stringify(CONFIG_DESCRIPTOR)}}}`,
  ),
  push('annotations with a prototype', imageWith('"annotations":{"__proto__":{"polluted":"yes"}}')),
  push('a key in another case', image({ config: undefined, Config: CONFIG_DESCRIPTOR })),
  accept('__proto__ as an annotation', imageWith('"annotations":{"__proto__":"polluted"}')),
  accept(
    'constructor as an annotation',
    imageWith('"annotations":{"constructor":"polluted","toString":"x"}'),
  ),
  accept(
    'a prototype with a polluted constructor',
    imageWith('"constructor":{"prototype":{"polluted":"yes"}}'),
  ),
  accept('toJSON as a field', imageWith('"toJSON":"x","then":"x"')),
]

const TOO_LARGE: readonly RequestRow[] = [
  push('one byte more than the limit', () => image({}).padEnd(LIMIT + 1), BEYOND),
  push('four times the limit', () => Buffer.alloc(4 * LIMIT, ' '), BEYOND),
  push('one byte more than the limit, in a chunk', () => chunked(' '.repeat(LIMIT + 1)), {
    ...BEYOND,
    headers: [`Content-Type: ${MANIFEST_TYPE}`, 'Transfer-Encoding: chunked'],
  }),
  push(
    'twice the limit, in chunks of a byte too few',
    () => chunked(' '.repeat(LIMIT - 1), ' '.repeat(LIMIT - 1)),
    {
      ...BEYOND,
      headers: [`Content-Type: ${MANIFEST_TYPE}`, 'Transfer-Encoding: chunked'],
    },
  ),
  push('a terabyte, announced', '', {
    ...BEYOND,
    headers: [`Content-Type: ${MANIFEST_TYPE}`, 'Content-Length: 1099511627776'],
    isUnfinished: true,
  }),
]

const chunked = (...chunks: string[]): string =>
  [...chunks, ''].map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')

export const JSON_BOMBS: readonly RequestRow[] = [
  ...DEEP,
  ...WIDE,
  ...NUMBERS,
  ...TEXT,
  ...CONFUSING,
  ...TOO_LARGE,
]
