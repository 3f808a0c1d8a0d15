/**
 * The log that the core writes to. The platform decides where lines go and how they are formatted.
 */
type Write = (message: string, fields?: Readonly<Record<string, unknown>>) => void

export interface Log {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  /** An `err` field that holds an Error is written with its stack and its causes. */
  readonly error: Write
}

const ignore: Write = () => {}

/** For tests, and for programs that embed a registry without a log. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
