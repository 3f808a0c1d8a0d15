import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readImageConfig } from '../../../../src/core/oci/image-config.ts'

const ABSENT = readImageConfig({})

describe('a config', () => {
  it('reads the same from its bytes', () => {
    const config = { os: 'linux', config: { Env: ['A=1'] }, history: [{ empty_layer: true }] }
    const bytes = new TextEncoder().encode(JSON.stringify(config))
    expect(readImageConfig(bytes)).toEqual(readImageConfig(config))
  })

  it('says what it says', () => {
    const config = {
      created: '2024-05-01T10:11:12.123456789Z',
      author: 'a',
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      config: {
        User: '0',
        WorkingDir: '/w',
        StopSignal: 'SIGTERM',
        Entrypoint: ['/e'],
        Cmd: ['c', ''],
        Shell: ['/bin/sh', '-c'],
        OnBuild: ['RUN x'],
        Env: ['A=1'],
        ExposedPorts: { '80/tcp': {} },
        Volumes: { '/v': {} },
        Labels: { l: '', ['__proto__']: 'x' },
      },
      rootfs: { diff_ids: ['sha256:a'] },
      history: [
        {
          created: '2024-05-01T10:11:12Z',
          created_by: 'RUN x',
          author: 'a',
          comment: 'c',
          empty_layer: true,
        },
      ],
    }
    expect(readImageConfig(config)).toEqual(config)
  })

  it.each<[string, unknown]>([
    ['empty', {}],
    ['null', null],
    ['text', 'sha256'],
    ['a list', []],
    ['no JSON', new TextEncoder().encode('{')],
    ['not UTF-8', Uint8Array.of(0x7b, 0xff)],
    ['of no bytes', new Uint8Array()],
    [
      'null in each place',
      { created: null, author: null, os: null, config: null, rootfs: null, history: null },
    ],
    [
      'null in each place of its containers',
      { config: { User: null, Env: null, Cmd: null, Entrypoint: null } },
    ],
    ['null for each map', { config: { Labels: null, Volumes: null, ExposedPorts: null, OnBuild: null } }],
    ['null for its layers', { rootfs: { type: 'layers', diff_ids: null } }],
    ['empty texts', { os: '', architecture: '', variant: '', author: '', created: '', config: { User: '' } }],
    ['of Go’s zero time', { created: '0001-01-01T00:00:00Z' }],
    ['of no time', { created: 'yesterday' }],
    ['of the wrong types', { os: 1, created: 7, config: [], rootfs: 'x', history: { 0: {} } }],
    [
      'of wrong types for containers',
      { config: { Env: { A: '1' }, Labels: ['a'], Volumes: ['/v'], Cmd: [1] } },
    ],
    ['with labels that are no text', { config: { Labels: { a: 1 } } }],
  ])('that is %s says nothing', (_, config) => {
    expect(readImageConfig(config)).toEqual(ABSENT)
  })

  it.each<[string, unknown, unknown]>([
    [
      'an entry of the history that is null',
      { history: [null] },
      { history: [readImageConfig({ history: [{}] }).history[0]] },
    ],
    ['null among texts', { config: { Env: ['A', null] } }, { config: { ...ABSENT.config, Env: ['A', ''] } }],
    [
      'null among labels',
      { config: { Labels: { a: null } } },
      { config: { ...ABSENT.config, Labels: { a: '' } } },
    ],
    ['a command that is a text', { config: { Cmd: 'sh' } }, { config: { ...ABSENT.config, Cmd: ['sh'] } }],
    [
      'an empty layer that is null',
      { history: [{ empty_layer: null, created_by: null }] },
      {
        history: [{ empty_layer: false }],
      },
    ],
  ])('reads %s as Go does', (_, config, expected) => {
    expect(readImageConfig(config)).toEqual({ ...ABSENT, ...(expected as object) })
  })

  it('of docker import says what its author said', () => {
    const containers = {
      Hostname: '',
      Domainname: '',
      User: '',
      AttachStdin: false,
      Tty: false,
      Env: null,
      Cmd: null,
      Image: '',
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      OnBuild: null,
      Labels: null,
    }
    const config = {
      architecture: 'amd64',
      os: 'linux',
      'os.version': '',
      author: '',
      comment: 'Imported from -',
      config: containers,
      container_config: containers,
      created: '2024-05-01T10:11:12.123456789Z',
      docker_version: '20.10.24',
      history: [{ created: '2024-05-01T10:11:12.123456789Z', comment: 'Imported from -' }],
      rootfs: { type: 'layers', diff_ids: ['sha256:a'] },
    }
    const { created } = config
    const entry = { created, created_by: undefined, author: undefined, comment: 'Imported from -' }
    expect(readImageConfig(config)).toEqual({
      ...ABSENT,
      created,
      os: 'linux',
      architecture: 'amd64',
      rootfs: { diff_ids: ['sha256:a'] },
      history: [{ ...entry, empty_layer: false }],
    })
  })

  it('may be any JSON, and any bytes', () => {
    fc.assert(fc.property(fc.jsonValue(), (config) => void readImageConfig(config)))
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readImageConfig(bytes)))
  })

  it('may have anything in any place', () => {
    const names = Object.keys({
      ...ABSENT,
      ...ABSENT.config,
      diff_ids: [],
      created_by: '',
      empty_layer: false,
    })
    const name = fc.constantFrom(...names)
    fc.assert(
      fc.property(name, name, fc.jsonValue(), (outer, inner, value) => {
        const { config, history, rootfs } = readImageConfig({ [outer]: value, config: { [inner]: value } })
        readImageConfig({ [outer]: { [inner]: value } })
        readImageConfig({ [outer]: [{ [inner]: value }] })
        expect(config.Env.concat(config.Cmd, rootfs.diff_ids).every((text) => typeof text === 'string')).toBe(
          true,
        )
        expect(Object.values(config.Labels).every((text) => typeof text === 'string')).toBe(true)
        expect(Array.isArray(history)).toBe(true)
      }),
    )
  })
})
