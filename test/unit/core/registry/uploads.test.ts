import { describe, expect, it } from 'vitest'
import { describeCalls, expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, startUpload } from '../../../support/push.ts'

const DIGEST = digestOf('hello world')
const UNKNOWN = `/v2/a/blobs/uploads/${crypto.randomUUID()}`

const pull = async (registry: InMemoryRegistry, digest: string, name = 'a') =>
  (await registry.fetch('GET', `/v2/${name}/blobs/${digest}`)).text()

const uploadIds = async (registry: InMemoryRegistry) => Array.fromAsync(registry.disk.uploads())

describeCalls('starting an upload', {
  'gives its place': {
    call: 'POST /v2/a/b/blobs/uploads/',
    status: 202,
    text: '',
    answers: {
      Location: /^http:\/\/registry\.example\/v2\/a\/b\/blobs\/uploads\/[a-zA-Z0-9-_.=]+$/,
      'Docker-Upload-UUID': /^[a-zA-Z0-9-_.=]+$/,
      Range: '0-0',
      'Content-Length': '0',
    },
  },
  'works without the last slash': { call: 'POST /v2/a/b/blobs/uploads', status: 202 },
  'takes the algorithm of the digest to come': {
    call: 'POST /v2/a/blobs/uploads/?digest-algorithm=sha512',
    status: 202,
  },
  'refuses an algorithm that nothing is stored by': {
    call: 'POST /v2/a/blobs/uploads/?digest-algorithm=md5',
    status: 400,
    error: 'DIGEST_INVALID',
  },
})

describeCalls('a whole blob in one POST', {
  'is stored': {
    call: `POST /v2/a/blobs/uploads/?digest=${DIGEST}`,
    body: 'hello world',
    status: 201,
    text: '',
    answers: {
      Location: `http://registry.example/v2/a/blobs/${DIGEST}`,
      'Docker-Content-Digest': DIGEST,
      'Content-Length': '0',
    },
  },
  'may be empty': { call: `POST /v2/a/blobs/uploads/?digest=${digestOf('')}`, status: 201 },
  'may have a sha512 digest': {
    call: `POST /v2/a/blobs/uploads/?digest=${digestOf('x', 'sha512')}`,
    body: 'x',
    status: 201,
    answers: { 'Docker-Content-Digest': digestOf('x', 'sha512') },
  },
  'is refused if it has another digest': {
    call: `POST /v2/a/blobs/uploads/?digest=${DIGEST}`,
    body: 'hello',
    status: 400,
    error: 'DIGEST_INVALID',
  },
  'is refused with a malformed digest': {
    call: 'POST /v2/a/blobs/uploads/?digest=sha256:x',
    status: 400,
    error: 'DIGEST_INVALID',
  },
})

describe('an upload', () => {
  it('takes its bytes with the PUT that finishes it', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    const response = await registry.fetch('PUT', `${location}?digest=${DIGEST}`, { body: 'hello world' })
    await expectAnswer(response, {
      status: 201,
      text: '',
      answers: { Location: `http://registry.example/v2/a/blobs/${DIGEST}`, 'Docker-Content-Digest': DIGEST },
    })
    expect(await pull(registry, DIGEST)).toBe('hello world')
  })

  it('takes its bytes as a stream, in as many requests as one likes', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    const body = (async function* () {
      yield Buffer.from('hel')
      yield Buffer.from('lo')
    })()
    const first = await registry.fetch('PATCH', location, { body })
    await expectAnswer(first, {
      status: 202,
      answers: { Range: '0-4', Location: location, 'Content-Length': '0' },
    })
    const second = await registry.fetch('PATCH', first.headers.get('location')!, { body: ' wor' })
    await expectAnswer(second, { status: 202, answers: { Range: '0-8' } })
    const last = await registry.fetch('PUT', `${location}?digest=${DIGEST}`, { body: 'ld' })
    await expectAnswer(last, { status: 201 })
    expect(await pull(registry, DIGEST)).toBe('hello world')
  })

  it('tells how much has arrived', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    const id = location.split('/').at(-1)!
    const answers = { Location: location, 'Docker-Upload-UUID': id }
    await expectAnswer(await registry.fetch('GET', location), {
      status: 204,
      answers: { ...answers, Range: '0-0' },
    })
    await registry.fetch('PATCH', location, { body: 'hello' })
    await expectAnswer(await registry.fetch('GET', location), {
      status: 204,
      answers: { ...answers, Range: '0-4' },
    })
    await expectAnswer(await registry.fetch('HEAD', location), {
      status: 204,
      answers: { ...answers, Range: '0-4' },
    })
  })

  it('may be finished by sha512, whatever was hinted', async () => {
    await using registry = await openInMemoryRegistry()
    const digest = digestOf('hello', 'sha512')
    for (const query of ['', '?digest-algorithm=sha256', '?digest-algorithm=sha512']) {
      const location = await startUpload(registry, 'a', query)
      await registry.fetch('PATCH', location, { body: 'hello' })
      const response = await registry.fetch('PUT', `${location}?digest=${digest}`)
      await expectAnswer(response, { status: 201, answers: { 'Docker-Content-Digest': digest } })
    }
    expect(await pull(registry, digest)).toBe('hello')
  })

  it('of what is there already succeeds', async () => {
    await using registry = await openInMemoryRegistry()
    for (const name of ['a', 'a', 'b']) {
      const location = await startUpload(registry, name)
      const response = await registry.fetch('PUT', `${location}?digest=${DIGEST}`, { body: 'hello world' })
      expect(response.status).toBe(201)
    }
    expect(await Array.fromAsync(registry.disk.list())).toEqual([DIGEST])
  })

  it('is gone after it was cancelled', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    await registry.fetch('PATCH', location, { body: 'hello' })
    await expectAnswer(await registry.fetch('DELETE', location), {
      status: 204,
      answers: { 'Docker-Upload-UUID': location.split('/').at(-1)! },
    })
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const response = await registry.fetch(method, location)
      expect(response.status, method).toBe(404)
    }
    expect(await uploadIds(registry)).toEqual([])
  })

  it('is gone after it was finished', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    await registry.fetch('PUT', `${location}?digest=${DIGEST}`, { body: 'hello world' })
    const again = await registry.fetch('PUT', `${location}?digest=${DIGEST}`)
    await expectAnswer(again, { status: 404, error: 'BLOB_UPLOAD_UNKNOWN' })
    expect(await uploadIds(registry)).toEqual([])
  })

  it('is gone, with all that it left, after its digest was wrong', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    const wrong = await registry.fetch('PUT', `${location}?digest=${DIGEST}`, { body: 'hello' })
    await expectAnswer(wrong, { status: 400, error: 'DIGEST_INVALID' })
    await expectAnswer(await registry.fetch('GET', location), { status: 404, error: 'BLOB_UPLOAD_UNKNOWN' })
    expect(await uploadIds(registry)).toEqual([])
    expect(await Array.fromAsync(registry.disk.list())).toEqual([])
  })

  it('does no harm to the blob whose digest it claims', async () => {
    await using registry = await openInMemoryRegistry()
    await registry.fetch('POST', `/v2/a/blobs/uploads/?digest=${DIGEST}`, { body: 'hello world' })
    const forged = await registry.fetch('POST', `/v2/b/blobs/uploads/?digest=${DIGEST}`, { body: 'forged' })
    expect(forged.status).toBe(400)
    expect(await pull(registry, DIGEST)).toBe('hello world')
    expect((await registry.fetch('GET', `/v2/b/blobs/${DIGEST}`)).status).toBe(404)
  })

  it.each(['', '?digest=', '?digest=sha256:abc', `?digest=md5:${'0'.repeat(32)}`])(
    'outlives a PUT with the query "%s"',
    async (query) => {
      await using registry = await openInMemoryRegistry()
      const location = await startUpload(registry, 'a')
      await registry.fetch('PATCH', location, { body: 'hello world' })
      const response = await registry.fetch('PUT', location + query)
      await expectAnswer(response, { status: 400, error: 'DIGEST_INVALID' })
      expect((await registry.fetch('PUT', `${location}?digest=${DIGEST}`)).status).toBe(201)
    },
  )

  it('takes octets only', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    const patch = (type: string) =>
      registry.fetch('PATCH', location, { headers: { 'Content-Type': type }, body: 'x' })
    await expectAnswer(await patch('application/json'), { status: 415, error: 'BLOB_UPLOAD_INVALID' })
    expect((await patch('Application/Octet-Stream; charset=binary')).status).toBe(202)
  })

  it('is unknown to other repositories', async () => {
    await using registry = await openInMemoryRegistry()
    const location = await startUpload(registry, 'a')
    const remote = location.replace('/v2/a/', '/v2/b/')
    for (const [method, path] of [
      ['GET', remote],
      ['PATCH', remote],
      ['PUT', `${remote}?digest=${digestOf('')}`],
      ['DELETE', remote],
    ] as const) {
      const response = await registry.fetch(method, path)
      await expectAnswer(response, { status: 404, error: 'BLOB_UPLOAD_UNKNOWN' })
    }
    expect((await registry.fetch('GET', location)).status).toBe(204)
  })
})

describeCalls('an upload that is unknown', {
  'is not continued': { call: `PATCH ${UNKNOWN}`, body: 'x', status: 404, error: 'BLOB_UPLOAD_UNKNOWN' },
  'is not finished': { call: `PUT ${UNKNOWN}?digest=${DIGEST}`, status: 404, error: 'BLOB_UPLOAD_UNKNOWN' },
  'has no state': { call: `GET ${UNKNOWN}`, status: 404, error: 'BLOB_UPLOAD_UNKNOWN' },
  'is not cancelled': { call: `DELETE ${UNKNOWN}`, status: 404, error: 'BLOB_UPLOAD_UNKNOWN' },
  'may have any id': {
    call: 'GET /v2/a/blobs/uploads/..%2F..%2Fetc',
    status: 404,
    error: 'BLOB_UPLOAD_UNKNOWN',
  },
})
