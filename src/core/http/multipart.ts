/**
 * Several ranges in one response, `multipart/byteranges` (RFC 9110, section 14.6). Clients that pull parts of a
 * layer, such as podman, request hundreds at once.
 */
import type { Content } from '../blobs/ports.ts'
import { type ByteRange, formatContentRange, lengthOf } from '../oci/range.ts'
import type { BodyPart, RegistryResponse } from './message.ts'

export function multipartResponse(
  content: Content,
  ranges: readonly ByteRange[],
  headers: Readonly<Record<string, string>>,
): RegistryResponse {
  const boundary = crypto.randomUUID()
  const type = headers['Content-Type']
  const encoder = new TextEncoder()
  const body: BodyPart[] = ranges.flatMap((range) => {
    const place = formatContentRange(range, content.size)
    const head = `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${place}\r\n\r\n`
    return [encoder.encode(head), { content, range }]
  })
  body.push(encoder.encode(`\r\n--${boundary}--\r\n`))
  return {
    status: 206,
    headers: {
      ...headers,
      'Content-Type': `multipart/byteranges; boundary=${boundary}`,
      'Content-Length': String(body.reduce((sum, part) => sum + sizeOf(part), 0)),
    },
    body,
  }
}

const sizeOf = (part: BodyPart): number =>
  part instanceof Uint8Array ? part.byteLength : part.range ? lengthOf(part.range) : part.content.size
