import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startRegistry } from '../../support/registry-process.ts'

const ping = async (url: string) => (await fetch(`${url}/v2/`)).status

describe('a registry process', () => {
  test('answers, stops with exit code 0 and comes back on the same data', async () => {
    await using registry = await startRegistry()
    const { data, pid } = registry
    expect(await ping(registry.url)).toBe(200)
    expect(await registry.stop()).toBe(0)
    await expect(ping(registry.url)).rejects.toThrow()

    await registry.restart()

    expect(registry.data).toBe(data)
    expect(registry.pid).not.toBe(pid)
    expect(await ping(`http://${registry.host}`)).toBe(200)
  })

  test('leaves neither process nor data behind', async () => {
    const registry = await startRegistry()
    await registry.kill()
    await registry.restart()
    await registry[Symbol.asyncDispose]()

    await expect(ping(registry.url)).rejects.toThrow()
    expect(existsSync(registry.data)).toBe(false)
  })

  test('tells what the program said when it does not start', async () => {
    await expect(startRegistry({ arguments: ['--no-such-option'] })).rejects.toThrow(/no-such-option/)
  })
})
