/**
 * Transfers as they are stored in IndexedDB and posted to other tabs, so that the list survives reloads, closed tabs and
 * crashes. Only the tab that runs a transfer writes its record.
 */
import { signal } from '@preact/signals'
import { openDB } from 'idb'
import { type Kind, NO_PROGRESS, type Phase, type Progress, type Tasks, type Transfer } from './transfer.ts'

export interface TransferRecord {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  readonly task: Tasks[Kind]
  readonly createdAt: number
  readonly phase: Phase
  readonly progress: Progress
  readonly remarks: readonly string[]
}

const DATABASE = 'flotilla-transfers'
const STORE = 'transfers'

export const readRecords = (): Promise<TransferRecord[]> => inDatabase((database) => database.getAll(STORE))

export const readRecord = (id: string): Promise<TransferRecord | undefined> =>
  inDatabase((database) => database.get(STORE, id))

export const writeRecord = (record: TransferRecord): Promise<void> =>
  inDatabase(async (database) => void (await database.put(STORE, record)))

export const deleteRecords = (ids: readonly string[]): Promise<void> =>
  inDatabase(async (database) => {
    const { store, done } = database.transaction(STORE, 'readwrite')
    await Promise.all([...ids.map((id) => store.delete(id)), done])
  })

export const recordOf = ({ task, phase, progress, remarks, ...fixed }: Transfer): TransferRecord => ({
  ...fixed,
  task: task.peek(),
  phase: plain(phase.peek()),
  progress: progress.peek(),
  remarks: remarks.peek(),
})

export const transferOf = ({ task, phase, progress, remarks, ...fixed }: TransferRecord): Transfer => ({
  ...fixed,
  task: signal(task),
  phase: signal(phase),
  progress: signal({ ...NO_PROGRESS, ...progress }),
  remarks: signal(remarks),
})

/** Without the callback, which cannot be cloned: the user names the image in the tab that runs the import. */
const plain = (phase: Phase): Phase =>
  phase.is === 'naming' ? { is: 'naming', suggestion: phase.suggestion } : phase

/** Opened for each use, because an open connection blocks the deletion of the database. */
async function inDatabase<T>(work: (database: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const database = await open()
  try {
    return await work(database)
  } finally {
    database.close()
  }
}

const open = () =>
  openDB(DATABASE, 1, {
    upgrade: (database) => void database.createObjectStore(STORE, { keyPath: 'id' }),
  })
