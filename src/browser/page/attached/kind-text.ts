/** What a thing that is attached is, in a few words. */
import type { Attached } from '../../../core/attestations/attached.ts'
import { visibleText } from '../parts/visible-text.ts'

const NAMES = { sbom: 'SBOM', provenance: 'Provenance', vex: 'VEX' } as const

export function kindText({ says, predicateType, signatures, document }: Attached): string {
  if (says) return `${NAMES[says.is]}, ${visibleText(says.format)}`
  if (predicateType) return `Attestation, ${visibleText(predicateType)}`
  const [signature] = signatures
  if (signature) return `Signature, ${signature.format}`
  return typeof document === 'object' ? 'Document' : 'Content'
}
