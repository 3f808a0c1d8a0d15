import { beforeEach, describe, expect, it } from 'vitest'
import { createTickets, TICKET_LIFE, type Tickets } from '../../../../src/node/bulk/tickets.ts'

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
    expect([tickets.holderOf(one), tickets.holderOf(other)]).toEqual(['one', 'other'])
    expect(tickets.holderOf(`${one}A`)).toBeUndefined()
    expect(tickets.holderOf('')).toBeUndefined()
  })

  it('carry 128 random bits', () => {
    expect(Buffer.from(tickets.issue('one'), 'base64url')).toHaveLength(16)
  })

  it('are issued again to the same peer for half of their life', () => {
    const ticket = tickets.issue('one')
    time += TICKET_LIFE / 2 - 1000
    expect(tickets.issue('one')).toBe(ticket)
    time += 2000
    const next = tickets.issue('one')
    expect(next).not.toBe(ticket)
    expect([tickets.holderOf(ticket), tickets.holderOf(next)]).toEqual(['one', 'one'])
  })

  it('end when they are not used', () => {
    const ticket = tickets.issue('one')
    time += TICKET_LIFE + 1000
    expect(tickets.holderOf(ticket)).toBeUndefined()
  })

  it('go on while they are used', () => {
    const ticket = tickets.issue('one')
    for (let use = 0; use < 3; use++) {
      time += TICKET_LIFE - 1000
      expect(tickets.holderOf(ticket)).toBe('one')
    }
  })

  it('are bounded in number', () => {
    const first = tickets.issue('first')
    for (let peer = 0; peer < 5000; peer++) tickets.issue(String(peer))
    expect(tickets.holderOf(first)).toBeUndefined()
    expect(tickets.holderOf(tickets.issue('first'))).toBe('first')
  })
})
