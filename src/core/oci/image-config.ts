/**
 * Image configs, as far as they are shown or compared. A registry accepts any bytes as a config, so nothing is refused:
 * values that are null, missing or of the wrong type count as absent.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
import { isObject, parseJson, stringMapIn, stringsIn } from './json.ts'

/** Absent or empty texts are `undefined`; absent lists and maps are empty. */
export interface ImageConfig {
  /** RFC 3339; Go's zero time counts as absent. */
  readonly created: string | undefined
  readonly author: string | undefined
  readonly os: string | undefined
  readonly architecture: string | undefined
  readonly variant: string | undefined
  readonly config: ContainerConfig
  readonly rootfs: {
    /** One for each layer, as written; not checked to be digests. */
    readonly diff_ids: readonly string[]
  }
  readonly history: readonly HistoryEntry[]
}

/** How containers of the image start. */
export interface ContainerConfig {
  readonly User: string | undefined
  readonly WorkingDir: string | undefined
  readonly StopSignal: string | undefined
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Shell: readonly string[]
  readonly OnBuild: readonly string[]
  readonly Env: readonly string[]
  /** Keyed by port, such as `80/tcp`. */
  readonly ExposedPorts: Readonly<Record<string, unknown>>
  /** Keyed by path. */
  readonly Volumes: Readonly<Record<string, unknown>>
  readonly Labels: Readonly<Record<string, string>>
}

export interface HistoryEntry {
  /** RFC 3339; Go's zero time counts as absent. */
  readonly created: string | undefined
  readonly created_by: string | undefined
  readonly author: string | undefined
  readonly comment: string | undefined
  readonly empty_layer: boolean
}

/** Never throws. @param content - the bytes of a blob, or its parsed JSON */
export function readImageConfig(content: unknown): ImageConfig {
  const json = objectIn(content instanceof Uint8Array ? parsed(content) : content)
  return {
    created: timeIn(json['created']),
    author: textIn(json['author']),
    os: textIn(json['os']),
    architecture: textIn(json['architecture']),
    variant: textIn(json['variant']),
    config: readContainerConfig(objectIn(json['config'])),
    rootfs: { diff_ids: stringsIn(objectIn(json['rootfs'])['diff_ids']) ?? [] },
    history: listIn(json['history']).map(readHistoryEntry),
  }
}

const readContainerConfig = (json: Record<string, unknown>): ContainerConfig => ({
  User: textIn(json['User']),
  WorkingDir: textIn(json['WorkingDir']),
  StopSignal: textIn(json['StopSignal']),
  Entrypoint: wordsIn(json['Entrypoint']),
  Cmd: wordsIn(json['Cmd']),
  Shell: wordsIn(json['Shell']),
  OnBuild: stringsIn(json['OnBuild']) ?? [],
  Env: stringsIn(json['Env']) ?? [],
  ExposedPorts: objectIn(json['ExposedPorts']),
  Volumes: objectIn(json['Volumes']),
  Labels: stringMapIn(json['Labels']) ?? {},
})

/** Even an empty entry counts, because entries are matched with layers by position. */
function readHistoryEntry(entry: unknown): HistoryEntry {
  const json = objectIn(entry)
  return {
    created: timeIn(json['created']),
    created_by: textIn(json['created_by']),
    author: textIn(json['author']),
    comment: textIn(json['comment']),
    empty_layer: json['empty_layer'] === true,
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes)
  } catch {
    return undefined
  }
}

const objectIn = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Docker reads a string as a command of one word. */
const wordsIn = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : (stringsIn(value) ?? [])

const ZERO_TIME = Date.parse('0001-01-01T00:00:00Z')

function timeIn(value: unknown): string | undefined {
  const text = textIn(value)
  const time = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) || time === ZERO_TIME ? undefined : text
}
