/**
 * VEX: which vulnerabilities affect an image, according to its maker.
 *
 * @see https://github.com/openvex/spec
 */
import { at, type Json, objectsIn, textIn, textsIn } from './loose-json.ts'

export interface Vex {
  readonly is: 'vex'
  readonly format: string
  readonly author: string | undefined
  /** RFC 3339, as written in the document. */
  readonly created: string | undefined
  readonly statements: readonly VexStatement[]
}

export interface VexStatement {
  readonly vulnerability: string
  /** `not_affected`, `affected`, `fixed`, `under_investigation`, or another word of the format. */
  readonly status: string
  readonly products: readonly string[]
  /** Why, and what to do. */
  readonly reason: string
}

/** `undefined` if the document isn't VEX in a supported format. */
export function readVex(document: Json): Vex | undefined {
  if (/openvex/.test(String(document['@context']))) return readOpenVex(document)
  if (at(document, 'document', 'category') === 'csaf_vex') return readCsaf(document)
  const hasAnalysis = objectsIn(document['vulnerabilities']).some(({ analysis }) => analysis !== undefined)
  if (document['bomFormat'] === 'CycloneDX' && hasAnalysis) return readCycloneDx(document)
  return undefined
}

const readOpenVex = (document: Json): Vex => ({
  is: 'vex',
  format: 'OpenVEX',
  author: textIn(document['author']),
  created: textIn(document['timestamp']),
  statements: objectsIn(document['statements']).map((statement) => ({
    vulnerability: textIn(at(statement, 'vulnerability', 'name')) ?? textIn(statement['vulnerability']) ?? '',
    status: textIn(statement['status']) ?? '',
    products: [
      ...textsIn(statement['products']),
      ...objectsIn(statement['products']).flatMap((product) => textIn(product['@id']) ?? []),
    ],
    reason: joined(statement['justification'], statement['impact_statement'], statement['action_statement']),
  })),
})

const readCycloneDx = (document: Json): Vex => ({
  is: 'vex',
  format: `CycloneDX ${textIn(document['specVersion']) ?? ''}`.trim(),
  author: textIn(at(document, 'metadata', 'supplier', 'name')),
  created: textIn(at(document, 'metadata', 'timestamp')),
  statements: objectsIn(document['vulnerabilities']).map(({ id, analysis, affects }) => ({
    vulnerability: textIn(id) ?? '',
    status: textIn(at(analysis, 'state')) ?? '',
    products: objectsIn(affects).flatMap(({ ref }) => textIn(ref) ?? []),
    reason: joined(at(analysis, 'justification'), at(analysis, 'detail')),
  })),
})

const readCsaf = (document: Json): Vex => ({
  is: 'vex',
  format: 'CSAF',
  author: textIn(at(document, 'document', 'publisher', 'name')),
  created: textIn(at(document, 'document', 'tracking', 'current_release_date')),
  statements: objectsIn(document['vulnerabilities']).flatMap(({ cve, title, product_status }) =>
    Object.entries((product_status ?? {}) as Json).map(([status, products]) => ({
      vulnerability: textIn(cve) ?? textIn(title) ?? '',
      status,
      products: textsIn(products),
      reason: '',
    })),
  ),
})

const joined = (...texts: readonly unknown[]): string =>
  texts.flatMap((text) => textIn(text) ?? []).join(': ')
