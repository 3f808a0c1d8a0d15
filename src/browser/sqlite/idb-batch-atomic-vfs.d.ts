/** Types for a module of wa-sqlite that has none. */
declare module 'wa-sqlite/src/examples/IDBBatchAtomicVFS.js' {
  export interface Options {
    readonly durability?: 'default' | 'strict' | 'relaxed'
    readonly purge?: 'deferred' | 'manual'
  }

  export interface IDBBatchAtomicVFS extends SQLiteVFS {
    readonly name: string
    /** Suspends SQLite while it waits. Set when the file system is registered. */
    handleAsync: (work: () => Promise<number>) => unknown
    /** Deletes pages that later commits have replaced. */
    purge(path: string): Promise<void>
    close(): Promise<void>
  }

  /** A file system for SQLite in an IndexedDB database. Each commit writes new versions of its pages. */
  export const IDBBatchAtomicVFS: new (idbDatabaseName: string, options?: Options) => IDBBatchAtomicVFS
}
