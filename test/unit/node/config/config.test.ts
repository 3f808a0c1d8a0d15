import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Config, configSchema } from '../../../../src/core/config.ts'
import { ConfigurationError } from '../../../../src/node/config/error.ts'
import { loadConfig, type Sources } from '../../../../src/node/config/load.ts'
import { read } from '../../../../src/node/config/tree.ts'

const MINIMAL = 'version: 0.1\nstorage: inmemory\n'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-config-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function load(yaml: string | undefined, environment = {}, overrides: Sources['overrides'] = {}) {
  const file = join(folder, 'config.yml')
  if (yaml !== undefined) await writeFile(file, yaml)
  return loadConfig({ file: yaml === undefined ? undefined : file, environment, overrides })
}

async function configOf(...args: Parameters<typeof load>): Promise<Config> {
  const { config, warnings } = await load(...args)
  expect(warnings).toEqual([])
  return config
}

async function problemsOf(...args: Parameters<typeof load>): Promise<readonly string[]> {
  const error = await load(...args).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ConfigurationError)
  return (error as ConfigurationError).problems
}

describe('a file', () => {
  it('needs only a version and a storage driver', async () => {
    const config = await configOf(MINIMAL)
    expect(config).toEqual(configSchema.parse({ version: 0.1, storage: { inmemory: {} } }))
    expect(config.http.addr).toBe('127.0.0.1:5000')
    expect(config.storage.delete.enabled).toBe(false)
    expect(config.storage.maintenance.uploadpurging).toEqual({
      enabled: true,
      age: 7 * 24 * 3_600_000,
      interval: 24 * 3_600_000,
      dryrun: false,
    })
    expect([config.catalog.maxentries, config.tags.maxtags]).toEqual([1000, 1000])
  })

  it('is read with all its settings', async () => {
    const config = await configOf(`
version: "0.1"
log: {level: DEBUG, formatter: json, fields: {service: registry, depth: {a: 1}}, accesslog: {disabled: yes}}
storage:
  filesystem: {rootdirectory: images}
  delete: {enabled: true}
  maintenance: {uploadpurging: {age: 1h30m, interval: 10s, dryrun: true}, readonly: {enabled: true}}
http:
  addr: :5000
  net: tcp
  host: https://images.example
  prefix: /registry/
  relativeurls: true
  draintimeout: 1m30s
  headers: {X-Content-Type-Options: [nosniff]}
  cors: {origins: ['*', 'https://example.com']}
validation:
  manifests:
    urls: {allow: ['^https?://foo'], deny: [nope]}
    indexes: {platforms: List, platformlist: [{architecture: amd64, os: linux}]}
catalog: {maxentries: 5}
tags: {maxtags: 7}
`)
    expect(config).toMatchObject({
      log: { level: 'debug', formatter: 'json', fields: { service: 'registry', depth: { a: 1 } } },
      storage: {
        filesystem: { rootdirectory: 'images' },
        maintenance: { uploadpurging: { enabled: true, age: 5_400_000, interval: 10_000, dryrun: true } },
      },
      http: { addr: ':5000', draintimeout: 90_000, headers: { 'X-Content-Type-Options': ['nosniff'] } },
      validation: { enabled: true, manifests: { indexes: { platforms: 'list' } } },
      catalog: { maxentries: 5 },
    })
    expect(config.log.accesslog.disabled).toBe(true)
  })

  it('may leave values and sections empty', async () => {
    const config = await configOf('version: 0.1\nstorage:\n  inmemory:\n  delete:\nlog:\nhttp:\n  addr:\n')
    expect(config.http.addr).toBe('127.0.0.1:5000')
    expect(config.storage.inmemory).toEqual({})
  })

  it('may use the old form of the log level', async () => {
    expect((await configOf(`${MINIMAL}loglevel: warn`)).log.level).toBe('warn')
    expect((await configOf(`${MINIMAL}loglevel: warn\nlog: {level: error}`)).log.level).toBe('error')
    expect(await problemsOf(`${MINIMAL}loglevel: derp`)).toEqual([
      'log.level: expected one of debug, info, warn, error',
    ])
  })

  it.each([
    ['', true],
    ['disabled: true', false],
    ['{enabled: true, disabled: true}', true],
    ['enabled: false', true],
  ])('with the validation {%s} has it %s', async (text, enabled) => {
    expect((await configOf(`${MINIMAL}validation:\n  ${text}`)).validation.enabled).toBe(enabled)
  })

  it('tells of unknown keys and leaves them out', async () => {
    const { config, warnings } = await load(`${MINIMAL}hppt: {addr: x}\nhttp: {adr: 1, cors: {x: 1}}`)
    expect(warnings).toEqual([
      'http.cors.x: unknown key, ignored',
      'http.adr: unknown key, ignored',
      'hppt: unknown key, ignored',
    ])
    expect(config).toEqual(await configOf(MINIMAL))
  })

  it('of the official image works as it is', async () => {
    const { config, warnings } = await load(`
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
  tag:
    concurrencylimit: 8
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`)
    expect(config.storage.filesystem).toEqual({ rootdirectory: '/var/lib/registry' })
    expect(warnings).toHaveLength(3)
  })

  it('tells of settings that have no effect', async () => {
    const { warnings } = await load(`
version: 0.1
storage: {inmemory: , cache: {blobdescriptor: inmemory}, redirect: {disable: true}, tag: {concurrencylimit: 8}}
http: {secret: s, debug: {addr: ":5001"}, http2: {disabled: true}, h2c: {enabled: true}}
log: {reportcaller: true, hooks: [{type: mail}]}
health: {storagedriver: {enabled: true}}
notifications: {endpoints: [{name: a}]}
redis: {addrs: [a]}
`)
    expect(warnings.map((warning) => warning.split(':')[0])).toEqual([
      'health',
      'http.debug',
      'http.h2c',
      'http.http2',
      'http.secret',
      'log.hooks',
      'log.reportcaller',
      'notifications',
      'redis',
      'storage.cache',
      'storage.redirect',
      'storage.tag',
    ])
  })

  it.each([
    ['auth', 'auth: {htpasswd: {realm: a, path: b}}'],
    ['auth', 'auth: silly'],
    ['http.tls', 'http: {tls: {certificate: a, key: b}}'],
    ['proxy', 'proxy: {remoteurl: "https://example.com"}'],
    ['middleware', 'middleware: {storage: [{name: redirect}]}'],
    ['policy', 'policy: {repository: {classes: [image]}}'],
  ])('with %s is refused, since ignoring it would open what should be closed', async (key, yaml) => {
    expect(await problemsOf(`${MINIMAL}${yaml}`)).toEqual([`${key}: not supported yet`])
  })

  it.each([
    ['storage: expected exactly one driver: filesystem or inmemory', 'version: 0.1'],
    ['storage: expected exactly one driver: filesystem or inmemory', 'version: 0.1\nstorage: {delete: {}}'],
    [
      'storage: expected exactly one driver: filesystem or inmemory',
      'version: 0.1\nstorage: {filesystem: {rootdirectory: a}, inmemory: {}}',
    ],
    ['storage.s3: not supported yet', 'version: 0.1\nstorage: {inmemory: , s3: {bucket: a}}'],
    ['storage.s3: not supported yet', 'version: 0.1\nstorage: {inmemory: , s3: }'],
    ['storage.gcs: not supported yet', 'version: 0.1\nstorage: gcs'],
    ['version: expected 0.1', 'storage: inmemory'],
    ['version: expected 0.1', 'version: 0.2\nstorage: inmemory'],
    ['http: expected a map', `${MINIMAL}http: 5`],
    ['http.addr: expected host:port, or :port for all interfaces', `${MINIMAL}http: {addr: localhost}`],
    ['http.addr: expected host:port, or :port for all interfaces', `${MINIMAL}http: {addr: "a:65536"}`],
    ['http.addr: expected host:port, or :port for all interfaces', `${MINIMAL}http: {addr: 5000}`],
    ['http.addr: expected text', `${MINIMAL}http: {addr: [5000]}`],
    ['http.addr: expected text', `${MINIMAL}http: {addr: {port: 5000}}`],
    ['http.headers.Via[0]: expected text', `${MINIMAL}http: {headers: {Via: [[true]]}}`],
    ['http.host: expected an http or https URL', `${MINIMAL}http: {host: registry}`],
    ['http.net: expected tcp', `${MINIMAL}http: {net: unix}`],
    ['http.headers: expected a map', `${MINIMAL}http: {headers: [a]}`],
    ['http.headers.Via: expected a list', `${MINIMAL}http: {headers: {Via: a}}`],
    ['http.headers.Via[0]: expected the value of a header', `${MINIMAL}http: {headers: {Via: ["a\\nb"]}}`],
    ['http.draintimeout: expected a duration such as 1m30s', `${MINIMAL}http: {draintimeout: 5}`],
    [
      'storage.delete.enabled: expected true or false',
      'version: 0.1\nstorage: {inmemory: , delete: {enabled: 1}}',
    ],
    ['catalog.maxentries: expected a whole number', `${MINIMAL}catalog: {maxentries: many}`],
    ['catalog.maxentries: expected a whole number above 0', `${MINIMAL}catalog: {maxentries: -1}`],
    ['log.formatter: expected one of text, json, logstash', `${MINIMAL}log: {formatter: xml}`],
    [
      'validation.manifests.indexes.platforms: expected one of all, none, list',
      `${MINIMAL}validation: {manifests: {indexes: {platforms: some}}}`,
    ],
    [
      'validation.manifests.urls.deny[1]: expected a regular expression, without look-around and back-references',
      `${MINIMAL}validation: {manifests: {urls: {deny: [a, "("]}}}`,
    ],
  ])('is refused with "%s"', async (problem, yaml) => {
    expect(await problemsOf(yaml)).toContain(problem)
  })

  /** Go's decoder takes the text of any scalar where text is wanted, and nothing for the empty text. */
  it.each([
    ['true', 'true'],
    ['false', 'false'],
    ['yes', 'yes'],
    ['Off', 'Off'],
    ['1728000', '1728000'],
    ['-1', '-1'],
    ['0x1f', '0x1f'],
    ['0o17', '0o17'],
    ['017', '017'],
    ['1.10', '1.10'],
    ['1e3', '1e3'],
    ['.inf', '.inf'],
    ['1_000', '1_000'],
    ['1:30', '1:30'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['2001-12-14', '2001-12-14'],
    ['"true"', 'true'],
    ["'5'", '5'],
    ['!!str 5', '5'],
    ['null', ''],
    ['~', ''],
    ['', ''],
  ])('has the value %s of a header as the text %j', async (yaml, text) => {
    const list = yaml === '' ? '\n      -\n' : `[${yaml}]`
    const { http } = await configOf(`${MINIMAL}http:\n  headers:\n    X-Is: ${list}`)
    expect(http.headers).toEqual({ 'X-Is': [text] })
    const variable = await configOf(MINIMAL, {
      'REGISTRY_HTTP_HEADERS_X-Is': yaml === '' ? '[null]' : `[${yaml}]`,
    })
    expect(variable.http.headers).toEqual({ 'x-is': [text] })
  })

  it('has the headers that a web interface for registries tells to set', async () => {
    const headers = '{Access-Control-Max-Age: [1728000], Access-Control-Allow-Credentials: [true]}'
    const { http } = await configOf(`${MINIMAL}http: {headers: ${headers}}`)
    expect(http.headers).toEqual({
      'Access-Control-Max-Age': ['1728000'],
      'Access-Control-Allow-Credentials': ['true'],
    })
  })

  it('has text of any scalar wherever a setting is text, and values where it is not', async () => {
    const { storage, http, swarm, validation, log, tags } = await configOf(`
version: 0.1
storage: {filesystem: {rootdirectory: 2024}, delete: {enabled: yes}}
http: {hosts: [10, true, &name 0x10, *name], addr: 5000:80, headers: {1: [2]}, relativeurls: on}
validation: {manifests: {urls: {allow: [1.50]}, indexes: {platformlist: [{os: no, architecture: 386}]}}}
swarm: {share: {allow: [7], deny: [08]}, key: 1e3}
log: {fields: {port: 5000, isOn: true}}
tags: {maxtags: 0x10}
`)
    expect(storage).toMatchObject({ filesystem: { rootdirectory: '2024' }, delete: { enabled: true } })
    expect(http).toMatchObject({ hosts: ['10', 'true', '0x10', '0x10'], addr: '5000:80', relativeurls: true })
    expect(http.headers).toEqual({ 1: ['2'] })
    expect(validation.manifests.urls.allow).toEqual(['1.50'])
    expect(validation.manifests.indexes.platformlist).toEqual([{ os: 'no', architecture: '386' }])
    expect(swarm).toMatchObject({ share: { allow: ['7'], deny: ['08'] }, key: '1e3' })
    expect([log.fields, tags.maxtags]).toEqual([{ port: 5000, isOn: true }, 16])
  })

  it.each([
    ['REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY', '2024', 'storage.filesystem.rootdirectory', '2024'],
    ['REGISTRY_HTTP_HOSTS_0', 'true', 'http.hosts', ['true']],
    ['REGISTRY_SWARM_SHARE_DENY', '[1.0]', 'swarm.share.deny', ['1.0']],
    ['REGISTRY_LOG_FIELDS_A', 'true', 'log.fields', { a: true }],
  ])('the variable %s=%s is %s', async (name, value, path, expected) => {
    const config = await configOf('version: 0.1\nstorage: filesystem\n', { [name]: value })
    expect(read(config, path.split('.'))).toEqual(expected)
  })

  it('a variable below a number is a problem', async () => {
    const problems = await problemsOf(`${MINIMAL}http: 5`, { REGISTRY_HTTP_ADDR: 'localhost:5000' })
    expect(problems).toContain('REGISTRY_HTTP_ADDR: http is neither a map nor a list')
  })

  it('is refused with every problem at once', async () => {
    const problems = await problemsOf(`${MINIMAL}auth: silly\nhttp: {addr: 5}\nlog: {level: loud}`, {
      REGISTRY_TAGS_MAXTAGS: '[',
    })
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'REGISTRY_TAGS_MAXTAGS',
      'auth',
      'log.level',
      'http.addr',
    ])
  })

  it('is refused where it is missing or no YAML', async () => {
    const missing = join(folder, 'missing.yml')
    await expect(loadConfig({ file: missing, environment: {} })).rejects.toThrow(
      `${missing}: no such file or directory`,
    )
    expect(await problemsOf('a: [')).toEqual([
      expect.stringMatching(/config\.yml: .* at line 1, column \d+$/),
    ])
    expect(await problemsOf('- a')).toEqual([expect.stringMatching(/config\.yml: expected a map$/)])
  })
})

describe('no file', () => {
  it('means a folder in the home of the user', async () => {
    const config = await configOf(undefined, { HOME: '/home/a' })
    expect(config.storage.filesystem).toEqual({ rootdirectory: '/home/a/.local/share/flotilla' })
  })

  it('means a folder where XDG_DATA_HOME wants it', async () => {
    const config = await configOf(undefined, { HOME: '/home/a', XDG_DATA_HOME: '/data' })
    expect(config.storage.filesystem).toEqual({ rootdirectory: '/data/flotilla' })
  })

  it('leaves the driver to a variable', async () => {
    const config = await configOf(undefined, { REGISTRY_STORAGE: 'inmemory' })
    expect(config.storage).toMatchObject({ inmemory: {}, delete: { enabled: true } })
    expect(config.storage.filesystem).toBeUndefined()
  })

  it('keeps the folder where a variable sets something else of the storage', async () => {
    const config = await configOf(undefined, { HOME: '/a', REGISTRY_STORAGE_DELETE_ENABLED: 'false' })
    expect(config.storage).toMatchObject({ filesystem: {}, delete: { enabled: false } })
  })

  it('lets clients delete, and layers be elsewhere by https', async () => {
    const { storage, validation } = await configOf(undefined)
    expect(storage.delete.enabled).toBe(true)
    expect(validation).toMatchObject({
      enabled: true,
      manifests: { urls: { allow: ['^https://'], deny: [] } },
    })
  })

  it('gives all else the default of a file', async () => {
    const { version: _, storage, validation, ...rest } = await configOf(undefined)
    const ofFile = await configOf(MINIMAL)
    expect(ofFile).toMatchObject(rest)
    expect(storage.maintenance).toEqual(ofFile.storage.maintenance)
    expect(validation.manifests).toEqual({ ...ofFile.validation.manifests, urls: validation.manifests.urls })
  })

  const DELETES = { delete: true, allow: ['^https://'] }
  it.each([
    [{ REGISTRY_HTTP_ADDR: ':5000' }, DELETES],
    [{ REGISTRY_STORAGE: '{inmemory: {}}' }, DELETES],
    [{ REGISTRY_STORAGE: '{inmemory: {}, delete: {enabled: false}}' }, { ...DELETES, delete: false }],
    [{ REGISTRY_STORAGE_DELETE: '' }, DELETES],
    [{ REGISTRY_STORAGE_DELETE_ENABLED: '' }, DELETES],
    [{ REGISTRY_STORAGE_DELETE_ENABLED: 'no' }, { ...DELETES, delete: false }],
    [{ REGISTRY_VALIDATION: '{}' }, DELETES],
    [{ REGISTRY_VALIDATION_MANIFESTS_BLOBS: 'none' }, DELETES],
    [{ REGISTRY_VALIDATION_MANIFESTS_URLS_DENY: '[a]' }, DELETES],
    [{ REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: '[]' }, { ...DELETES, allow: [] }],
    [{ REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: '[b]' }, { ...DELETES, allow: ['b'] }],
    [{ REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW_0: 'c' }, { ...DELETES, allow: ['c'] }],
  ])('with %o has what that says, and else what no file means', async (environment, expected) => {
    const { storage, validation } = await configOf(undefined, environment)
    expect({ delete: storage.delete.enabled, allow: validation.manifests.urls.allow }).toEqual(expected)
  })

  it.each([
    [{ REGISTRY_STORAGE_DELETE: '5' }, 'storage.delete: expected a map'],
    [{ REGISTRY_VALIDATION: '[a]' }, 'validation: expected a map'],
    [{ REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: 'a' }, 'validation.manifests.urls.allow: expected a list'],
  ])('with %o is refused', async (environment, problem) => {
    expect(await problemsOf(undefined, environment)).toEqual([problem])
  })
})

describe('a file without this setting', () => {
  it.each([
    {},
    { REGISTRY_HTTP_ADDR: ':5000' },
    { REGISTRY_VALIDATION_MANIFESTS_BLOBS: 'none' },
    { REGISTRY_STORAGE_DELETE: '' },
  ])('means what it means to Distribution, with the variables %o too', async (environment) => {
    const { storage, validation } = await configOf(MINIMAL, environment)
    expect(storage.delete.enabled).toBe(false)
    expect(validation.manifests.urls).toEqual({ allow: [], deny: [] })
  })

  it('means that also where a variable names the file', async () => {
    await configOf(MINIMAL)
    const environment = { REGISTRY_CONFIGURATION_PATH: join(folder, 'config.yml') }
    expect((await configOf(undefined, environment)).storage.delete.enabled).toBe(false)
  })
})

describe('variables', () => {
  const FILE = 'version: 0.1\nstorage: {filesystem: {rootdirectory: a}, delete: {enabled: true}}\n'

  it('complete a file', async () => {
    const config = await configOf('version: 0.1', { REGISTRY_STORAGE: 'inmemory' })
    expect(config.storage.inmemory).toEqual({})
  })

  it('that say the same change nothing', async () => {
    const same = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: 'a' }
    expect(await configOf(FILE, same)).toEqual(await configOf(FILE))
  })

  it('replace a parameter of the driver', async () => {
    const config = await configOf(FILE, { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: 'b' })
    expect(config.storage).toMatchObject({ filesystem: { rootdirectory: 'b' }, delete: { enabled: true } })
  })

  it('replace the whole storage', async () => {
    const config = await configOf(FILE, { REGISTRY_STORAGE: 'inmemory' })
    expect(config.storage).toMatchObject({ inmemory: {}, delete: { enabled: false } })
    expect(config.storage.filesystem).toBeUndefined()
  })

  it('are applied in lexical order, so that the section comes before what refines it', async () => {
    const config = await configOf(MINIMAL, {
      REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: 'b',
      REGISTRY_STORAGE: 'filesystem',
    })
    expect(config.storage.filesystem).toEqual({ rootdirectory: 'b' })
  })

  it('are read as YAML', async () => {
    const config = await configOf(MINIMAL, {
      REGISTRY_HTTP_HEADERS: '{Via: [a, b]}',
      REGISTRY_HTTP_RELATIVEURLS: 'yes',
      REGISTRY_CATALOG_MAXENTRIES: '12',
    })
    expect(config.http).toMatchObject({ headers: { Via: ['a', 'b'] }, relativeurls: true })
    expect(config.catalog.maxentries).toBe(12)
  })

  it('make maps that are not there', async () => {
    const config = await configOf(MINIMAL, {
      REGISTRY_LOG_FIELDS_SITE: 'berlin',
      REGISTRY_LOG_FIELDS_RACK_ROW: '4',
      REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'true',
      REGISTRY_LOG_FIELDS_CONSTRUCTOR_NAME: 'a',
    })
    expect(config.log.fields).toEqual({ site: 'berlin', rack: { row: 4 }, constructor: { name: 'a' } })
    expect(config.storage.maintenance.readonly.enabled).toBe(true)
  })

  it('find the keys of open maps whatever their case, and new ones are in lower case', async () => {
    const config = await configOf(`${MINIMAL}http: {headers: {Via: [a]}}`, {
      REGISTRY_HTTP_HEADERS_VIA: '[b]',
      REGISTRY_HTTP_HEADERS_SERVER: '[c]',
    })
    expect(config.http.headers).toEqual({ Via: ['b'], server: ['c'] })
  })

  it('replace and append items of lists by their number', async () => {
    const config = await configOf(`${MINIMAL}validation: {manifests: {urls: {allow: [a, b]}}}`, {
      REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW_1: 'B',
      REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW_2: 'c',
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST_0_ARCHITECTURE: 'arm64',
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST_0_OS: 'linux',
    })
    expect(config.validation.manifests.urls.allow).toEqual(['a', 'B', 'c'])
    expect(config.validation.manifests.indexes.platformlist).toEqual([{ architecture: 'arm64', os: 'linux' }])
  })

  it('must leave no gap in lists', async () => {
    expect(await problemsOf(MINIMAL, { REGISTRY_HTTP_CORS_ORIGINS_1: '"*"' })).toEqual([
      'REGISTRY_HTTP_CORS_ORIGINS_1: http.cors.origins has only 0 items',
    ])
  })

  it('that are unknown are reported and ignored', async () => {
    const { config, warnings } = await load(MINIMAL, {
      REGISTRY_PORT: 'tcp://10.0.0.1:5000',
      REGISTRY_HTTP_PORT_5000_TCP: 'x',
      REGISTRY_HTTP_CORS_ORIGINS_FIRST: 'x',
      REGISTRY_VERSION: '3.0.0',
      REGISTRYADDR: 'x',
    })
    expect(warnings).toEqual([
      'REGISTRY_HTTP_CORS_ORIGINS_FIRST: unknown variable, ignored',
      'REGISTRY_HTTP_PORT_5000_TCP: unknown variable, ignored',
      'REGISTRY_PORT: unknown variable, ignored',
    ])
    expect(config).toEqual(await configOf(MINIMAL))
  })

  it.each([
    ['REGISTRY_HTTP', 'somestring', 'http: expected a map'],
    ['REGISTRY_LOG_FIELDS', 'somestring', 'log.fields: expected a map'],
    ['REGISTRY_HTTP_CORS_ORIGINS', 'somestring', 'http.cors.origins: expected a list'],
    ['REGISTRY_STORAGE_DELETE_ENABLED', 'perhaps', 'storage.delete.enabled: expected true or false'],
    ['REGISTRY_AUTH', 'silly', 'auth: not supported yet'],
    ['REGISTRY_AUTH_HTPASSWD_PATH', 'a', 'auth: not supported yet'],
    ['REGISTRY_HTTP_TLS_CERTIFICATE', 'a', 'http.tls: not supported yet'],
    ['REGISTRY_PROXY_REMOTEURL', 'a', 'proxy: not supported yet'],
    ['REGISTRY_STORAGE_S3_BUCKET', 'a', 'storage.s3: not supported yet'],
    ['REGISTRY_HTTP_ADDR', '[', expect.stringMatching(/^REGISTRY_HTTP_ADDR: .*line 1/)],
  ])('%s=%s is refused', async (name, value, problem) => {
    expect(await problemsOf(MINIMAL, { [name]: value })).toEqual([problem])
  })

  it('cannot refine what is no map', async () => {
    const environment = { REGISTRY_HTTP: 'a', REGISTRY_HTTP_ADDR: ':1' }
    expect(await problemsOf(MINIMAL, environment)).toEqual([
      'REGISTRY_HTTP_ADDR: http is neither a map nor a list',
      'http: expected a map',
    ])
  })

  it('without a value bring the default back', async () => {
    const config = await configOf(`${MINIMAL}http: {addr: ":1"}`, { REGISTRY_HTTP_ADDR: '' })
    expect(config.http.addr).toBe('127.0.0.1:5000')
  })

  it('may name the file', async () => {
    await configOf(`${MINIMAL}tags: {maxtags: 3}`)
    const environment = { REGISTRY_CONFIGURATION_PATH: join(folder, 'config.yml') }
    const { config, warnings } = await loadConfig({ environment })
    expect([config.tags.maxtags, warnings]).toEqual([3, []])
  })
})

describe('the command line', () => {
  it('is stronger than the environment, which is stronger than the file', async () => {
    const environment = { REGISTRY_HTTP_ADDR: ':2', REGISTRY_TAGS_MAXTAGS: '2' }
    const config = await configOf(
      `${MINIMAL}http: {addr: ":1"}\ntags: {maxtags: 1}\ncatalog: {maxentries: 1}`,
      environment,
      { addr: ':3', rootdirectory: 'c' },
    )
    expect([config.http.addr, config.tags.maxtags, config.catalog.maxentries]).toEqual([':3', 2, 1])
    expect(config.storage).toMatchObject({ filesystem: { rootdirectory: 'c' } })
    expect(config.storage.inmemory).toBeUndefined()
  })

  it('is checked like the rest', async () => {
    expect(await problemsOf(MINIMAL, {}, { addr: '5000' })).toEqual([
      'http.addr: expected host:port, or :port for all interfaces',
    ])
  })
})
