/**
 * SLSA provenance: how an image was built, according to its builder.
 *
 * @see https://slsa.dev/spec/v0.2/provenance
 * @see https://slsa.dev/spec/v1.0/provenance
 */
import { at, bytesOf, digestsIn, type Json, objectIn, objectsIn, textIn } from './loose-json.ts'

export interface Provenance {
  readonly is: 'provenance'
  /** `SLSA 1.0` */
  readonly format: string
  readonly builder: string | undefined
  readonly buildType: string | undefined
  readonly source: Material | undefined
  /** RFC 3339, as written in the document. */
  readonly started: string | undefined
  readonly finished: string | undefined
  /** The inputs of the build. */
  readonly materials: readonly Material[]
  /** Parameters of the build, as names and values. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** Build instructions in the document, such as the Dockerfile. */
  readonly instructions: readonly { readonly name: string; readonly text: string }[]
}

export interface Material {
  readonly uri: string
  readonly digests: readonly string[]
  /** For a source: the file with the build instructions. */
  readonly entry?: string | undefined
}

/** `undefined` for another predicate type. */
export function readProvenance(type: string, predicate: Json): Provenance | undefined {
  const [, version] = /^https:\/\/slsa\.dev\/provenance\/v([\d.]+)/.exec(type) ?? []
  if (version === undefined) return undefined
  return version.startsWith('0') ? readOld(version, predicate) : readOne(predicate)
}

/** BuildKit's extension. */
const BUILDKIT = 'https://mobyproject.org/buildkit@v1#metadata'

function readOld(version: string, predicate: Json): Provenance {
  const { builder, invocation, metadata, buildType } = predicate
  const vcs = at(metadata, BUILDKIT, 'vcs')
  return {
    is: 'provenance',
    format: `SLSA ${version}`,
    builder: textIn(at(builder, 'id')),
    buildType: textIn(buildType),
    source: sourceOf(at(invocation, 'configSource'), vcs),
    started: textIn(at(metadata, 'buildStartedOn')),
    finished: textIn(at(metadata, 'buildFinishedOn')),
    materials: materialsIn(predicate['materials']),
    parameters: [...pairsIn(at(invocation, 'parameters')), ...pairsIn(at(invocation, 'environment'))],
    instructions: instructionsIn(at(metadata, BUILDKIT, 'source', 'infos')),
  }
}

function readOne(predicate: Json): Provenance {
  const { buildDefinition, runDetails } = predicate
  const external = at(buildDefinition, 'externalParameters')
  const vcs = at(runDetails, 'metadata', 'buildkit_metadata', 'vcs')
  return {
    is: 'provenance',
    format: 'SLSA 1.0',
    builder: textIn(at(runDetails, 'builder', 'id')),
    buildType: textIn(at(buildDefinition, 'buildType')),
    source: sourceOf(at(external, 'configSource') ?? at(external, 'source') ?? at(external, 'workflow'), vcs),
    started: textIn(at(runDetails, 'metadata', 'startedOn')),
    finished: textIn(at(runDetails, 'metadata', 'finishedOn')),
    materials: materialsIn(at(buildDefinition, 'resolvedDependencies')),
    parameters: [...pairsIn(external), ...pairsIn(at(buildDefinition, 'internalParameters'))],
    instructions: instructionsIn(at(runDetails, 'metadata', 'buildkit_metadata', 'source', 'infos')),
  }
}

function sourceOf(config: unknown, vcs: unknown): Material | undefined {
  const uri =
    textIn(config) ??
    textIn(at(config, 'uri')) ??
    textIn(at(config, 'repository')) ??
    textIn(at(vcs, 'source'))
  const revision = textIn(at(config, 'ref')) ?? textIn(at(vcs, 'revision'))
  const entry = textIn(at(config, 'entryPoint')) ?? textIn(at(config, 'path'))
  if (uri === undefined && entry === undefined) return undefined
  const digests = digestsIn(at(config, 'digest'))
  return { uri: uri ?? '', digests: digests.length > 0 || !revision ? digests : [revision], entry }
}

const materialsIn = (value: unknown): readonly Material[] =>
  objectsIn(value).flatMap(({ uri, digest }) => {
    const text = textIn(uri)
    return text === undefined ? [] : [{ uri: text, digests: digestsIn(digest) }]
  })

/** Characters of a value; some contain whole build instructions. */
const MAX_VALUE_LENGTH = 2000

const pairsIn = (value: unknown): readonly (readonly [string, string])[] =>
  Object.entries(objectIn(value)).map(([name, parameter]) => [
    name,
    (typeof parameter === 'string' ? parameter : JSON.stringify(parameter, undefined, 2)).slice(
      0,
      MAX_VALUE_LENGTH,
    ),
  ])

/** Bytes of instructions that are shown. */
const MAX_INSTRUCTIONS_BYTES = 100_000

const instructionsIn = (value: unknown): Provenance['instructions'] =>
  objectsIn(value).flatMap(({ filename, data }) => {
    const bytes = bytesOf(data)
    if (!bytes) return []
    const text = new TextDecoder().decode(bytes.subarray(0, MAX_INSTRUCTIONS_BYTES))
    return [{ name: textIn(filename) ?? 'Instructions', text }]
  })
