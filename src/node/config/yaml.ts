/**
 * YAML as Distribution reads it: version 1.1, where `yes` and `on` are true. The parser is loaded when it is first
 * needed, since a registry without a file and variables starts faster without it.
 */
import type { Document, Scalar } from 'yaml'
import { Plain } from './plain.ts'

/**
 * Numbers, booleans and dates come as {@link Plain}, keys as text.
 *
 * @throws SyntaxError with the first problem and its place
 */
export async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument, visit } = await import('yaml')
  const document: Document = parseDocument(text, { version: '1.1' })
  const [error] = document.errors
  if (error !== undefined) throw new SyntaxError(error.message.split('\n')[0]!.replace(/:$/, ''))
  visit(document, {
    Scalar(role, scalar) {
      if (isPlain(scalar))
        scalar.value = role === 'key' ? scalar.source : new Plain(scalar.value, scalar.source)
    },
  })
  return document.toJS()
}

/** Neither text nor nothing. */
const isPlain = (scalar: Scalar): scalar is Scalar & { source: string } =>
  ['number', 'bigint', 'boolean'].includes(typeof scalar.value) || scalar.value instanceof Date
