/** Verifies signatures with a public key, by WebCrypto. */
import { RegistryError } from '../oci/error.ts'
import { BIT_STRING, oidText, readDer } from './der.ts'
import { bytesOf } from './loose-json.ts'

/** What was signed, and the signature. */
export interface Signed {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  /** An ECDSA signature is two numbers: raw means concatenated (JWS), otherwise DER (all others). */
  readonly isRaw: boolean
}

const EC = '1.2.840.10045.2.1'
const RSA = '1.2.840.113549.1.1.1'
const ED25519 = '1.3.101.112'

const CURVES: Readonly<Record<string, { name: string; length: number; hashes: readonly string[] }>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', length: 32, hashes: ['SHA-256'] },
  '1.3.132.0.34': { name: 'P-384', length: 48, hashes: ['SHA-384', 'SHA-256'] },
}

/** @param pem - `BEGIN PUBLIC KEY`. @throws RegistryError UNSUPPORTED if the key can't be used */
export async function verify({ bytes, signature, isRaw }: Signed, pem: string): Promise<boolean> {
  const spki = bytesOf(/-----BEGIN PUBLIC KEY-----([\s\S]*?)-----END/.exec(pem)?.[1])
  if (!spki) throw noKey('this is not a public key; paste a text that begins with -----BEGIN PUBLIC KEY-----')
  const [algorithm = '', curve = ''] = algorithmsOf(spki)
  if (algorithm === EC && CURVES[curve]) return verifyEc(CURVES[curve], spki, bytes, signature, isRaw)
  if (algorithm === RSA) return verifyRsa(spki, bytes, signature)
  if (algorithm === ED25519) return check(spki, { name: 'Ed25519' }, { name: 'Ed25519' }, signature, bytes)
  throw noKey('this type of key is not supported; use P-256, P-384, RSA or Ed25519')
}

const noKey = (message: string) => new RegistryError('UNSUPPORTED', message)

function algorithmsOf(spki: Uint8Array<ArrayBuffer>): string[] {
  try {
    const [key] = readDer(spki)
    const [algorithm, bits] = key ? readDer(key.bytes) : []
    if (bits?.tag !== BIT_STRING) return []
    return readDer(algorithm!.bytes).map((value) => (value.tag === 0x06 ? oidText(value) : ''))
  } catch {
    return []
  }
}

async function verifyEc(
  { name, length, hashes }: (typeof CURVES)[string],
  spki: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  isRaw: boolean,
): Promise<boolean> {
  const raw = isRaw ? signature : rawOf(signature, length)
  if (!raw) return false
  for (const hash of hashes)
    if (await check(spki, { name: 'ECDSA', namedCurve: name }, { name: 'ECDSA', hash }, raw, bytes))
      return true
  return false
}

async function verifyRsa(
  spki: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const hash of ['SHA-256', 'SHA-384', 'SHA-512']) {
    const saltLength = Number(hash.slice(4)) / 8
    const old = { name: 'RSASSA-PKCS1-v1_5', hash }
    if (await check(spki, old, old, signature, bytes)) return true
    if (await check(spki, { name: 'RSA-PSS', hash }, { name: 'RSA-PSS', saltLength }, signature, bytes))
      return true
  }
  return false
}

async function check(
  spki: Uint8Array<ArrayBuffer>,
  importAs: AlgorithmIdentifier | EcKeyImportParams | RsaHashedImportParams,
  verifyBy: AlgorithmIdentifier | EcdsaParams | RsaPssParams,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await crypto.subtle.importKey('spki', spki, importAs, false, ['verify']).catch((cause) => {
    throw new RegistryError('UNSUPPORTED', 'the browser does not accept this key; use one in PEM format', {
      cause,
    })
  })
  return crypto.subtle.verify(verifyBy, key, signature, bytes)
}

/** Converts two DER integers to their concatenation, each padded to the curve's length; `undefined` if `der` is invalid. */
function rawOf(der: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    const [pair] = readDer(der)
    const numbers = readDer(pair!.bytes).map(({ bytes }) =>
      bytes.subarray(bytes.findIndex((byte) => byte !== 0)),
    )
    if (numbers.length !== 2 || numbers.some((number) => number.length > length)) return undefined
    const raw = new Uint8Array(2 * length)
    for (const [index, number] of numbers.entries()) raw.set(number, (index + 1) * length - number.length)
    return raw
  } catch {
    return undefined
  }
}
