import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../src/core/duration.ts'

describe('durations', () => {
  it.each([
    ['168h', 604_800_000],
    ['1m30s', 90_000],
    ['1s', 1000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['250ms', 250],
    ['3us', 0.003],
    ['3µs', 0.003],
    ['10ns', 0.00001],
    ['0', 0],
    ['-0', -0],
    ['-1m', -60_000],
    ['+1m', 60_000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9)
  })

  it.each(['', '1', '1d', '1 h', 's', '.s', '1h-1m', '--1s', '1S', 'h1', '1m 30s', '1e3s', '∞s'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  it('add their parts', () => {
    const part = fc.tuple(fc.nat(1_000_000), fc.constantFrom('ms', 's', 'm', 'h'))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const texts = parts.map(([count, unit]) => `${count}${unit}`)
        const sum = texts.reduce((total, text) => total + parseDuration(text)!, 0)
        expect(parseDuration(texts.join(''))).toBe(sum)
        expect(parseDuration(`-${texts.join('')}`)).toBe(-sum)
      }),
    )
  })

  it('are numbers or nothing for any text', () => {
    const characters = fc.constantFrom(...'0123456789.nuµmsh+- ')
    fc.assert(
      fc.property(fc.string({ unit: characters }), (text) => {
        expect(parseDuration(text) ?? 0).toSatisfy(Number.isFinite)
      }),
    )
  })
})
