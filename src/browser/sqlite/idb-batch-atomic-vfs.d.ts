/** What wa-sqlite ships without types. */
declare module 'wa-sqlite/src/examples/IDBBatchAtomicVFS.js' {
  export interface Options {
    readonly durability?: 'default' | 'strict' | 'relaxed'
    readonly purge?: 'deferred' | 'manual'
  }

  export interface IDBBatchAtomicVFS extends SQLiteVFS {
    readonly name: string
    /** How SQLite is suspended while it waits: set when the file system is registered. */
    handleAsync: (work: () => Promise<number>) => unknown
    /** Deletes pages that later commits replaced. */
    purge(path: string): Promise<void>
    close(): Promise<void>
  }

  /** A file system for SQLite in an IndexedDB database. Pages are written anew at each commit, under its number. */
  export const IDBBatchAtomicVFS: new (idbDatabaseName: string, options?: Options) => IDBBatchAtomicVFS
}
