/** An address as the configuration writes it: `host:port`, `[::1]:port`, or `:port` for all interfaces. */
export interface HostPort {
  /** Absent: all interfaces. */
  readonly host?: string
  readonly port: number
}

/** The configuration has checked the form. */
export function parseHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '')
  const port = Number(text.slice(colon + 1))
  return host === '' ? { port } : { port, host }
}
