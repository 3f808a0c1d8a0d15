import { type ChildProcess, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PATIENCE } from '../../../support/patience.ts'

const MAIN = fileURLToPath(new URL('../../../../src/node/cli/main.ts', import.meta.url))

let home: string
let running: ChildProcess[]

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'flotilla-cli-'))
  running = []
})

afterEach(async () => {
  for (const child of running) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  await rm(home, { recursive: true, force: true })
})

function start(args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: home, env: { HOME: home, ...environment } })
  running.push(child)
  return child
}

async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const child = start(args, environment)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

/** Starts a registry on a free port, and collects what it says until it listens. */
async function serve(args: readonly string[] = [], environment: Record<string, string> = {}) {
  const child = start(['serve', '--addr', '127.0.0.1:0', ...args], environment)
  const exit = once(child, 'close').then(([code]) => code as number | null)
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    stdout += chunk
    if (/docker push.*\n/.test(stdout)) break
  }
  child.stdout.resume()
  const url = /^listening on (http:\S+)$/m.exec(stdout)?.[1]
  if (url === undefined) throw new Error(`no registry: ${stderr}`)
  return { child, exit, url, stdout, log: () => stderr }
}

/** A request that has reached the registry and still owes it the five bytes of its body. */
async function beginUpload(url: string) {
  const { host, hostname, port } = new URL(url)
  const digest = `sha256:${hash('sha256', 'hello')}`
  const socket = connect(Number(port), hostname).on('error', () => {})
  socket.write(
    `POST /v2/library/hello/blobs/uploads/?digest=${digest} HTTP/1.1\r\nHost: ${host}\r\n` +
      'Connection: close\r\nExpect: 100-continue\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\n',
  )
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 100 /)
  return socket
}

describe('flotilla', () => {
  it('tells its version and its commands', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, stdout: 'flotilla 0.1.0\n', stderr: '' })
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('serve') })
  })

  it('explains itself and fails without a command', async () => {
    expect(await run([])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Usage') })
  })

  it.each([[['srve']], [['serve', '--port', '5']], [['serve', 'a', 'b']]])('fails with %j', async (args) => {
    expect(await run(args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^flotilla: .+\n$/),
    })
  })
})

describe('flotilla serve', () => {
  it('answers, tells where and what to do next, and stops when told', async () => {
    const { child, exit, url, stdout, log } = await serve()
    expect(stdout.match(/listening on/g)).toHaveLength(1)
    expect(stdout).toContain(join(home, '.local/share/flotilla'))
    const { port } = new URL(url)
    expect(stdout).toMatch(
      `skopeo copy --dest-tls-verify=false docker://alpine docker://localhost:${port}/alpine`,
    )
    expect(stdout).toMatch(`docker push localhost:${port}/alpine`)
    expect((await fetch(`${url}/v2/`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await exit).toBe(0)
    expect(log()).toContain('stopping')
  })

  it('stops at Ctrl-C too', async () => {
    const { child, exit } = await serve()
    child.kill('SIGINT')
    expect(await exit).toBe(0)
  })

  it('lets running requests end within their time', async () => {
    const { child, exit, url, log } = await serve([], { REGISTRY_HTTP_DRAINTIMEOUT: '1m' })
    const upload = await beginUpload(url)
    child.kill('SIGTERM')
    await vi.waitFor(() => expect(log()).toContain('stopping'), PATIENCE)
    upload.write('hello')
    const [answer] = await once(upload, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 201 /)
    expect(await exit).toBe(0)
  })

  it('stops at once when told twice', async () => {
    const { child, exit, url, log } = await serve([], { REGISTRY_HTTP_DRAINTIMEOUT: '1m' })
    const upload = await beginUpload(url)
    child.kill('SIGTERM')
    await vi.waitFor(() => expect(log()).toContain('stopping'), PATIENCE)
    child.kill('SIGTERM')
    expect(await exit).toBe(128 + 15)
    upload.destroy()
  })

  it('logs an unexpected error with its cause, and exits', async () => {
    const fault = `process.on('SIGUSR2', () => { throw new Error('outer', { cause: new Error('inner') }) })`
    const environment = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` }
    const { child, exit, log } = await serve([], environment)
    child.kill('SIGUSR2')
    expect(await exit).toBe(1)
    expect(log()).toMatch(/ERROR.*outer.*inner/s)
  })

  it('lets the command line outweigh the environment, and that the file', async () => {
    await writeFile(
      join(home, 'config.yml'),
      'version: 0.1\nstorage: inmemory\nlog: {formatter: text, level: error}',
    )
    const environment = { REGISTRY_LOG_FORMATTER: 'json', REGISTRY_LOG_LEVEL: 'info', REGISTRY_PORT: '1' }
    const { child, exit, stdout, log } = await serve(['config.yml', '--data', 'images'], environment)
    expect(stdout).toContain(join(home, 'images'))
    child.kill('SIGTERM')
    await exit
    const lines = log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'REGISTRY_PORT: unknown variable, ignored' }),
    )
  })

  it('names every problem of its configuration', async () => {
    await writeFile(join(home, 'config.yml'), 'version: 0.1\nauth: silly\nstorage: inmemory\nhttp: {addr: 5}')
    expect(await run(['serve', 'config.yml'])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'flotilla: auth: not supported yet (config.yml, line 2)\n' +
        'flotilla: http.addr: expected host:port, or :port for all interfaces (config.yml, line 4)\n',
    })
    expect(await run(['serve', 'missing.yml'])).toMatchObject({
      code: 1,
      stderr: 'flotilla: missing.yml: no such file or directory\n',
    })
  })

  it('tells when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, stdout, stderr } = await run(['serve', '--addr', `127.0.0.1:${port}`])
    other.close()
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `flotilla: 127.0.0.1:${port} is in use by another program; use --addr for another one\n`,
    )
  })

  it('tells when the data folder cannot be written', async () => {
    await writeFile(join(home, 'file'), '')
    const { code, stderr } = await run(['serve', '--addr', '127.0.0.1:0', '--data', 'file/images'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^flotilla: .*data folder file\/images.*not a directory.*\n$/)
  })

  it('tells when the data folder is in use', async () => {
    await mkdir(join(home, 'images'))
    await serve(['--data', 'images'])
    const { code, stderr } = await run(['serve', '--addr', '127.0.0.1:0', '--data', 'images'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^flotilla: .*data folder .*images.* in use.*\n$/)
  })
})
