import wasmUrl from 'wa-sqlite/dist/wa-sqlite-async.wasm?url'
import { openWaSqlite } from '../../src/browser/sqlite/wa-sqlite.ts'
import { describeDatabase } from '../contract/database.ts'

const wasm = (): Promise<WebAssembly.Module> => WebAssembly.compileStreaming(fetch(wasmUrl))

describeDatabase('wa-sqlite in IndexedDB', async () => {
  const name = crypto.randomUUID()
  let database = await openWaSqlite(name, { wasm })
  return {
    database,
    async reopen() {
      await database.close()
      database = await openWaSqlite(name, { wasm })
      return database
    },
    async close() {
      await database.close()
      indexedDB.deleteDatabase(name)
    },
  }
})
