/** The page about the configuration, made from the schema that checks it. */
import * as z from 'zod'
import { configSchema } from '../../core/config.ts'
import { code, GENERATED, page, table } from './markdown.ts'

type Schema = z.core.JSONSchema.JSONSchema

const INTRODUCTION = `\`flotilla serve config.yml\` reads a YAML file with the keys below; those of
[Distribution](https://distribution.github.io/distribution/about/configuration/) mean what they mean there. The file
must hold \`version\` and one of \`storage.filesystem\` and \`storage.inmemory\`; all else may be left out. A variable of
the environment with the upper-case name of a key overrides it, such as \`REGISTRY_HTTP_ADDR\` for \`http.addr\`, and
options of the command line override both.`

const NOTES = `Durations are written as \`168h\` or \`1m30s\`. No file is needed: without one, the data folder is \`flotilla\` in
\`$XDG_DATA_HOME\` or \`~/.local/share\`.`

export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', override: nameChoices })
  const rows = settingsIn(schema).map(([name, setting]) => [
    code(name),
    meaningOf(setting),
    defaultOf(setting),
  ])
  return page([GENERATED, '# Configuration', INTRODUCTION, table(['Key', 'Meaning', 'Default'], rows), NOTES])
}

/** A choice is text that is made lower-case first, which hides its values from a description of the input. */
function nameChoices({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Schema }): void {
  const { def } = zodSchema._zod
  if (def.type === 'pipe' && def.out instanceof z.ZodEnum) jsonSchema.enum = def.out.options
}

/** Every setting below `schema` with its full name; a section without a meaning of its own is not one. */
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

const defaultOf = (setting: Schema): string =>
  setting.default === undefined ? 'none' : code(String(formatDefault(setting.default)))

const formatDefault = (value: unknown): unknown => (typeof value === 'object' ? JSON.stringify(value) : value)
