/** What libp2p and Helia have to say, in our log: their failures when debugging, and nothing else of it. */
import type { ComponentLogger, Logger } from '@libp2p/interface'
import type { Log } from '../log.ts'

const ignore = (): void => {}

export function createComponentLogger(log: Log): ComponentLogger {
  const forComponent = (name: string): Logger =>
    Object.assign(ignore.bind(undefined), {
      error: (text: unknown, ...values: readonly unknown[]) =>
        log.debug(`${name}: ${format(String(text), values)}`),
      trace: ignore,
      enabled: false,
      newScope: (scope: string) => forComponent(`${name}:${scope}`),
    })
  return { forComponent }
}

/** Their messages stand values in for `%s`, `%p` and other letters. */
function format(text: string, values: readonly unknown[]): string {
  const rest = [...values]
  return text.replace(/%[a-zA-Z]/g, (letter) => (rest.length > 0 ? String(rest.shift()) : letter))
}
