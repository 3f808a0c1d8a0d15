/** Lets the bounds of time pass quickly that code sets by `AbortSignal.timeout`, which Vitest's clock does not move. */
import { onTestFinished, vi } from 'vitest'

/** A hundred times as fast, for this test. Gives the milliseconds that were asked for. */
export function useQuickTimeouts(): () => number[] {
  const { timeout } = AbortSignal
  const calls = vi.spyOn(AbortSignal, 'timeout')
  onTestFinished(() => calls.mockRestore())
  calls.mockImplementation((milliseconds) => timeout.call(AbortSignal, milliseconds / 100))
  return () => calls.mock.calls.map(([milliseconds]) => milliseconds)
}
