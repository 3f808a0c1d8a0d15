/**
 * YAML as Distribution reads it: version 1.1, where `yes` and `on` are true. The parser is loaded when it is first
 * needed, since a registry without a file and variables starts faster without it.
 */

/**
 * @throws SyntaxError with the first problem and its place
 */
export async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { version: '1.1' })
  const [error] = document.errors
  if (error !== undefined) throw new SyntaxError(error.message.split('\n')[0]!.replace(/:$/, ''))
  return document.toJS()
}
