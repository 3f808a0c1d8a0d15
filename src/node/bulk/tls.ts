/** What both ends of a bulk connection agree on. */
import type { SecureContextOptions } from 'node:tls'

/** AES-128-GCM first: of those in TLS 1.3 it costs the least on processors that have AES. */
export const TLS: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  ca: [], // peers are known by their hash; the authorities of the Web would be read into memory
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384',
}
