import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { configSchema } from '../../../src/core/config.ts'
import { createLog } from '../../../src/node/log.ts'

async function write(log: object) {
  const config = configSchema.parse({ version: 0.1, storage: { inmemory: {} }, log })
  const lines: string[] = []
  return { log: await createLog(config.log, { write: (line) => void lines.push(line) }), lines }
}

describe('the log', () => {
  it('writes JSON with the names of Distribution', async () => {
    const { log, lines } = await write({ formatter: 'json', fields: { service: 'registry' } })
    log.info('done', { 'http.response.status': 200 })
    expect(lines).toHaveLength(1)
    const { time, ...line } = JSON.parse(lines[0]!)
    expect(new Date(time).toISOString()).toBe(time)
    expect(line).toEqual({ level: 'info', service: 'registry', 'http.response.status': 200, msg: 'done' })
  })

  it('writes for Logstash', async () => {
    const { log, lines } = await write({ formatter: 'logstash' })
    log.warn('careful')
    const { '@timestamp': time, ...line } = JSON.parse(lines[0]!)
    expect(new Date(time).toISOString()).toBe(time)
    expect(line).toEqual({ '@version': 1, level: 'warn', message: 'careful' })
  })

  it('writes for people, without colours if it is not a terminal', async () => {
    const { log, lines } = await write({ formatter: 'text', fields: { service: 'registry' } })
    log.error('100 % broken', { size: 5 })
    expect(lines).toEqual([
      expect.stringMatching(
        /^\[?\d{4}-\d\d-\d\d .* ERROR.*: 100 % broken .*"service":"registry".*"size":5.*\n$/,
      ),
    ])
    expect(lines[0]).not.toContain('\u001b')
  })

  it('leaves out what is less severe than its level', async () => {
    const { log, lines } = await write({ formatter: 'json', level: 'warn' })
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd'])
  })

  it.each(['json', 'text'])('writes errors with their causes as %s', async (formatter) => {
    const { log, lines } = await write({ formatter })
    log.error('failed', { err: new Error('outer', { cause: new Error('inner') }) })
    expect(lines[0]).toMatch(/outer.*inner/s)
    expect(lines[0]).toContain('log.test.ts')
  })

  it.each(['json', 'text'])(
    'writes what the operating system refuses without a stack as %s',
    async (formatter) => {
      const { log, lines } = await write({ formatter })
      const refusal = await readFile('/none').catch((cause) => new Error('storage failed', { cause }))
      log.error('failed', { err: refusal })
      expect(lines.join('')).toContain('storage failed: ENOENT: no such file or directory')
      expect(lines.join('')).not.toContain('log.test.ts')
    },
  )
})
