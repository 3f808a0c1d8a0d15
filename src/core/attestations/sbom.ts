/**
 * SBOMs: lists of the software in an image.
 *
 * @see https://spdx.github.io/spdx-spec/v2.3/
 * @see https://cyclonedx.org/docs/1.6/json/
 */
import { at, type Json, objectIn, objectsIn, textIn, textsIn } from './loose-json.ts'

export interface Sbom {
  readonly is: 'sbom'
  /** Such as `SPDX 2.3`. */
  readonly format: string
  readonly name: string | undefined
  /** RFC 3339, as written in the document. */
  readonly created: string | undefined
  readonly tools: readonly string[]
  readonly packages: readonly Package[]
}

export interface Package {
  readonly name: string
  readonly version: string
  readonly licence: string
  /** Such as `deb` or `npm`; empty if unknown. */
  readonly type: string
}

/** `undefined` if the document isn't an SBOM in a supported format. */
export function readSbom(document: Json): Sbom | undefined {
  if (textIn(document['spdxVersion'])) return readSpdx(document)
  if (document['bomFormat'] === 'CycloneDX') return readCycloneDx(document)
  if (Array.isArray(document['artifacts']) && /syft|anchore/.test(String(at(document, 'schema', 'url'))))
    return readSyft(document)
  return undefined
}

function readSpdx(document: Json): Sbom {
  const creators = textsIn(at(document, 'creationInfo', 'creators'))
  return {
    is: 'sbom',
    format: String(document['spdxVersion']).replace('-', ' '),
    name: textIn(document['name']),
    created: textIn(at(document, 'creationInfo', 'created')),
    tools: creators.map((creator) => creator.replace(/^Tool: /, '')),
    packages: objectsIn(document['packages']).map((entry) => ({
      name: textIn(entry['name']) ?? '',
      version: textIn(entry['versionInfo']) ?? '',
      licence: stated(entry['licenseConcluded']) || stated(entry['licenseDeclared']),
      type: typeOf(purlIn(objectsIn(entry['externalRefs']))),
    })),
  }
}

const purlIn = (references: readonly Json[]): unknown =>
  references.find(({ referenceType }) => referenceType === 'purl')?.['referenceLocator']

/** SPDX writes `NOASSERTION` or `NONE` for an unknown licence. */
const stated = (licence: unknown): string => {
  const text = textIn(licence) ?? ''
  return text === 'NOASSERTION' || text === 'NONE' ? '' : text
}

function readCycloneDx(document: Json): Sbom {
  const { metadata } = document
  const tools = at(metadata, 'tools')
  const named = Array.isArray(tools) ? objectsIn(tools) : objectsIn(at(tools, 'components'))
  return {
    is: 'sbom',
    format: `CycloneDX ${textIn(document['specVersion']) ?? ''}`.trim(),
    name: textIn(at(metadata, 'component', 'name')),
    created: textIn(at(metadata, 'timestamp')),
    tools: named.map(({ name, version }) => [name, version].filter(textIn).join(' ')),
    packages: componentsIn(document).map((entry) => ({
      name: [entry['group'], entry['name']].filter(textIn).join('/'),
      version: textIn(entry['version']) ?? '',
      licence: licencesIn(entry).join(', '),
      type: typeOf(entry['purl']) || (textIn(entry['type']) ?? ''),
    })),
  }
}

/** Components may be nested. */
function componentsIn(document: Json): Json[] {
  const found: Json[] = []
  const pending = [...objectsIn(document['components'])]
  for (let entry = pending.shift(); entry; entry = pending.shift()) {
    found.push(entry)
    for (const inner of objectsIn(entry['components'])) pending.push(inner)
  }
  return found
}

const licencesIn = (component: Json): readonly string[] =>
  objectsIn(component['licenses']).flatMap(
    ({ expression, license }) =>
      textIn(expression) ?? textIn(at(license, 'id')) ?? textIn(at(license, 'name')) ?? [],
  )

function readSyft(document: Json): Sbom {
  const { descriptor, source, schema } = document
  return {
    is: 'sbom',
    format: `Syft JSON ${textIn(at(schema, 'version')) ?? ''}`.trim(),
    name: textIn(at(source, 'name')) ?? textIn(at(source, 'target', 'userInput')),
    created: textIn(at(descriptor, 'timestamp')),
    tools: [[at(descriptor, 'name'), at(descriptor, 'version')].filter(textIn).join(' ')].filter(Boolean),
    packages: objectsIn(document['artifacts']).map((entry) => ({
      name: textIn(entry['name']) ?? '',
      version: textIn(entry['version']) ?? '',
      licence: licencesOfSyft(entry['licenses']).join(', '),
      type: textIn(entry['type']) ?? '',
    })),
  }
}

const licencesOfSyft = (licences: unknown): readonly string[] =>
  (Array.isArray(licences) ? licences : []).flatMap(
    (licence) => textIn(licence) ?? textIn(objectIn(licence)['value']) ?? [],
  )

/** `pkg:deb/debian/libc6@2.36` → `deb`. */
const typeOf = (purl: unknown): string => /^pkg:([\w.+-]+)\//.exec(textIn(purl) ?? '')?.[1] ?? ''
