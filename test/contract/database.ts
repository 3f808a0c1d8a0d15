/**
 * What every {@link Database} must do. Runs wherever the database runs, so it uses web standards only.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database, Run } from '../../src/core/catalog/database.ts'

export interface OpenDatabase {
  readonly database: Database
  /** Closes the database and opens it again, as a new process would. */
  reopen(): Promise<Database>
  close(): Promise<void>
}

export function describeDatabase(name: string, open: () => Promise<OpenDatabase>): void {
  describe(`${name} is a Database`, () => {
    let opened: OpenDatabase
    let database: Database

    beforeEach(async () => {
      opened = await open()
      database = opened.database
      await database.transaction(async (run) => {
        await run('CREATE TABLE parent (name TEXT PRIMARY KEY)')
        await run('CREATE TABLE item (id INTEGER PRIMARY KEY, value, parent TEXT REFERENCES parent (name))')
      })
    })
    afterEach(() => opened.close())

    const insert = (value: string | number, durable = true): Promise<void> =>
      database.transaction(
        async (run) => {
          await run('INSERT INTO item (value) VALUES (?)', value)
        },
        { durable },
      )

    const values = async (run: Run = database.run): Promise<unknown[]> =>
      (await run('SELECT value FROM item ORDER BY id')).map((row) => row['value'])

    describe('run', () => {
      it('returns every type of value unchanged', async () => {
        const stored = [
          'text with ü and \u{1F6A2}',
          '',
          0,
          -1,
          2 ** 31 + 1,
          2 ** 52,
          1.5,
          null,
          new Uint8Array([0, 255, 1]),
        ]
        await database.transaction(async (run) => {
          for (const value of stored) await run('INSERT INTO item (value) VALUES (?)', value)
        })
        expect(await values()).toEqual(stored)
      })

      it('returns rows for a query and none for a change', async () => {
        await database.transaction(async (run) => {
          expect(await run('INSERT INTO item (id, value) VALUES (?, ?)', 1, 'a')).toEqual([])
          expect(await run('SELECT id, value FROM item')).toEqual([{ id: 1, value: 'a' }])
          expect(await run('UPDATE item SET value = ? RETURNING value', 'b')).toEqual([{ value: 'b' }])
        })
        expect(await database.run('SELECT 1 AS one WHERE 1 = 2')).toEqual([])
      })

      it('runs the same statement again with other values', async () => {
        for (const value of ['a', 'b', 'c']) await insert(value)
        for (const id of [3, 1, 2]) {
          const [row] = await database.run<{ value: string }>('SELECT value FROM item WHERE id = ?', id)
          expect(row?.value).toBe('abc'[id - 1])
        }
      })

      it('rejects what is not SQL', async () => {
        await expect(database.run('SELEKT 1')).rejects.toThrow()
        expect(await database.run('SELECT 1 AS one')).toEqual([{ one: 1 }])
      })
    })

    describe('transaction', () => {
      it('commits what its work did, and returns its result', async () => {
        const result = await database.transaction(async (run) => {
          await run('INSERT INTO item (value) VALUES (?)', 'a')
          expect(await values(run)).toEqual(['a'])
          return 'done'
        })
        expect(result).toBe('done')
        expect(await values()).toEqual(['a'])
      })

      it('changes nothing if its work throws', async () => {
        const failure = new Error('changed my mind')
        const failing = database.transaction(async (run) => {
          await run('INSERT INTO item (value) VALUES (?)', 'a')
          throw failure
        })
        await expect(failing).rejects.toBe(failure)
        expect(await values()).toEqual([])
      })

      it('changes nothing if a statement fails, and the next one works', async () => {
        const failing = database.transaction(async (run) => {
          await run('INSERT INTO item (id, value) VALUES (1, ?)', 'a')
          await run('INSERT INTO item (id, value) VALUES (1, ?)', 'b')
        })
        await expect(failing).rejects.toThrow(/UNIQUE/)
        await insert('c')
        expect(await values()).toEqual(['c'])
      })

      it('lets its work continue after a failed statement', async () => {
        await database.transaction(async (run) => {
          await run('INSERT INTO item (id, value) VALUES (1, ?)', 'a')
          await run('INSERT INTO item (id, value) VALUES (1, ?)', 'b').catch(() => {})
          await run('INSERT INTO item (id, value) VALUES (2, ?)', 'c')
        })
        expect(await values()).toEqual(['a', 'c'])
      })

      it('enforces foreign keys', async () => {
        const orphan = database.transaction((run) => run('INSERT INTO item (parent) VALUES (?)', 'nobody'))
        await expect(orphan).rejects.toThrow(/FOREIGN KEY/)
      })

      it('runs without others in between', async () => {
        await insert(0)
        const increment = (): Promise<void> =>
          database.transaction(async (run) => {
            const [row] = await run<{ value: number }>('SELECT value FROM item')
            await pause()
            await run('UPDATE item SET value = ?', row!.value + 1)
          })
        await Promise.all(Array.from({ length: 100 }, increment))
        expect(await values()).toEqual([100])
      })

      it('goes on after others failed', async () => {
        const attempts = Array.from({ length: 20 }, (_, number) =>
          database.transaction(async (run) => {
            await run('INSERT INTO item (value) VALUES (?)', number)
            await pause()
            if (number % 2) throw new Error('odd')
          }),
        )
        await Promise.allSettled(attempts)
        expect(await values()).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
      })

      it('never shows what is rolled back', async () => {
        const begun = Promise.withResolvers<void>()
        const seen = Promise.withResolvers<void>()
        const transaction = database.transaction(async (run) => {
          await run('INSERT INTO item (value) VALUES (?)', 'a')
          begun.resolve()
          await Promise.race([seen.promise, pause(20)])
          throw new Error('rolled back')
        })
        transaction.catch(() => {})
        await begun.promise
        expect(await values()).toEqual([])
        seen.resolve()
        await expect(transaction).rejects.toThrow('rolled back')
      })

      it('shows all of what it commits, or nothing', async () => {
        const writing = Array.from({ length: 30 }, () =>
          database.transaction(async (run) => {
            await run('INSERT INTO item (value) VALUES (1)')
            await pause()
            await run('INSERT INTO item (value) VALUES (2)')
          }),
        )
        let done = false
        const written = Promise.all(writing).then(() => {
          done = true
        })
        while (!done) {
          expect((await values()).length % 2).toBe(0)
          await pause()
        }
        await written
        expect(await values()).toHaveLength(60)
      })

      it('lets reads run between many transactions', async () => {
        const begun = Promise.withResolvers<void>()
        const writing = Array.from({ length: 50 }, (_, number) =>
          database.transaction(async (run) => {
            await run('INSERT INTO item (value) VALUES (?)', number)
            begun.resolve()
            await pause()
          }),
        )
        await begun.promise
        expect((await values()).length).toBeLessThan(25)
        await Promise.all(writing)
      })

      it.each([true, false])('keeps the order of the calls, durable: %s', async (durable) => {
        await Promise.all(Array.from({ length: 40 }, (_, number) => insert(number, durable)))
        expect(await values()).toEqual(Array.from({ length: 40 }, (_, number) => number))
      })

      it('runs all, durable or not', async () => {
        await Promise.all(Array.from({ length: 40 }, (_, number) => insert(number, number % 3 === 0)))
        expect(await values()).toHaveLength(40)
      })
    })

    it('keeps its rows when it is closed and opened again', async () => {
      await insert('durable')
      await insert('not yet', false)
      database = await opened.reopen()
      expect(await values()).toEqual(['durable', 'not yet'])
      await insert('more')
      expect(await values()).toEqual(['durable', 'not yet', 'more'])
    })
  })
}

const pause = (milliseconds = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
