/**
 * What the registry asks of a log. The core writes to this; the platform decides where the lines go and how they
 * look.
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

/** For tests, and for programs that embed a registry and do not want to hear of it. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
