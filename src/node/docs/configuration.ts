/** The page about the configuration, made from the schema that checks it. */
import * as z from 'zod'
import { configSchema, DEFAULTS_WITHOUT_FILE } from '../../core/config.ts'
import { read } from '../config/tree.ts'
import { code, GENERATED, page, table } from './markdown.ts'

type Schema = z.core.JSONSchema.JSONSchema

const INTRODUCTION = `\`flotilla serve config.yml\` reads a YAML file with the keys below; those of
[Distribution](https://distribution.github.io/distribution/about/configuration/) mean what they mean there. The file
must hold \`version\` and one of \`storage.filesystem\` and \`storage.inmemory\`; all else may be left out. A variable of
the environment with the upper-case name of a key overrides it, such as \`REGISTRY_HTTP_ADDR\` for \`http.addr\`, and
options of the command line override both.

No file is needed. Without one the registry belongs to the person who starts it: clients may delete, and may push images with
non-distributable layers. With a file, everything that it leaves out has Distribution's default. Variables without a file
override their own keys; all others stay as they are without a file.`

const NOTES = `Durations are written as \`168h\` or \`1m30s\`. The data folder without a file is below \`$XDG_DATA_HOME\`, where
that is set.`

/** Defaults that depend on the user, so they are not in the sources. */
const FOLDER = { storage: { filesystem: { rootdirectory: '~/.local/share/flotilla' } } }

const HEAD = ['Key', 'Meaning', 'Without a file', 'Left out of a file']

export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', override: nameChoices })
  const rows = settingsIn(schema).map(([name, setting]) => [
    code(name),
    meaningOf(setting),
    withoutFile(name, setting),
    textOf(setting.default),
  ])
  return page([GENERATED, '# Configuration', INTRODUCTION, table(HEAD, rows), NOTES])
}

/** Choices are lower-cased first, which hides their values from the description of the input. */
function nameChoices({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Schema }): void {
  const { def } = zodSchema._zod
  if (def.type === 'pipe' && def.out instanceof z.ZodEnum) jsonSchema.enum = def.out.options
}

/** Every setting below `schema` with its full name. Sections without a description are not settings. */
function settingsIn(schema: Schema, prefix = ''): [name: string, setting: Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]): [string, Schema][] => {
    const [name, setting] = [prefix + key, value as Schema]
    const below = settingsIn(setting, `${name}.`)
    return setting.description === undefined ? below : [[name, setting], ...below]
  })
}

function meaningOf({ description, enum: values }: Schema): string {
  if (values === undefined) return description!
  const choices = new Set(values.map((value) => code(String(value))))
  return `${description}: ${[...choices].join(', ')}`
}

function withoutFile(name: string, setting: Schema): string {
  const path = name.split('.')
  return textOf(read(FOLDER, path) ?? read(DEFAULTS_WITHOUT_FILE, path) ?? setting.default)
}

const textOf = (value: unknown): string => (value === undefined ? 'none' : code(String(formatDefault(value))))

const formatDefault = (value: unknown): unknown => (typeof value === 'object' ? JSON.stringify(value) : value)
