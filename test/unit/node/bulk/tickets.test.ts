import { beforeEach, describe, expect, it } from 'vitest'
import { createTickets, TICKET_LIFETIME_MS, type Tickets } from '../../../../src/node/bulk/tickets.ts'

describe('tickets', () => {
  let time: number
  let tickets: Tickets

  beforeEach(() => {
    time = 1
    tickets = createTickets({ now: () => time })
  })

  it('are bound to a peer', () => {
    const [one, other] = [tickets.issue('one'), tickets.issue('other')]
    expect(one).not.toBe(other)
    expect([tickets.peerOf(one), tickets.peerOf(other)]).toEqual(['one', 'other'])
    expect(tickets.peerOf(`${one}A`)).toBeUndefined()
    expect(tickets.peerOf('')).toBeUndefined()
  })

  it('carry 128 random bits', () => {
    expect(Buffer.from(tickets.issue('one'), 'base64url')).toHaveLength(16)
  })

  it('are issued again to the same peer for half of their life', () => {
    const ticket = tickets.issue('one')
    time += TICKET_LIFETIME_MS / 2 - 1000
    expect(tickets.issue('one')).toBe(ticket)
    time += 2000
    const next = tickets.issue('one')
    expect(next).not.toBe(ticket)
    expect([tickets.peerOf(ticket), tickets.peerOf(next)]).toEqual(['one', 'one'])
  })

  it('end when they are not used', () => {
    const ticket = tickets.issue('one')
    time += TICKET_LIFETIME_MS + 1000
    expect(tickets.peerOf(ticket)).toBeUndefined()
  })

  it('go on while they are used', () => {
    const ticket = tickets.issue('one')
    for (let use = 0; use < 3; use++) {
      time += TICKET_LIFETIME_MS - 1000
      expect(tickets.peerOf(ticket)).toBe('one')
    }
  })

  it('are bounded in number', () => {
    const first = tickets.issue('first')
    for (let peer = 0; peer < 5000; peer++) tickets.issue(String(peer))
    expect(tickets.peerOf(first)).toBeUndefined()
    expect(tickets.peerOf(tickets.issue('first'))).toBe('first')
  })
})
