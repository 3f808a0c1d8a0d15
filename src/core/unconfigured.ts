/**
 * What a registry does for a person who gave it no configuration file, where that is other than what Distribution's files
 * mean: who starts it may tidy it up, and keep images whose layers their makers do not let others distribute. The
 * registry of a browser is one of these.
 */
import type { Config } from './config.ts'

type Settings<Section> = {
  readonly [Key in keyof Section]?: Section[Key] extends object ? Settings<Section[Key]> : Section[Key]
}

export const UNCONFIGURED = {
  storage: { delete: { enabled: true } },
  validation: { manifests: { urls: { allow: ['^https://'] } } },
} satisfies Settings<Config>
