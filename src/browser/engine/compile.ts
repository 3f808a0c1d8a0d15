/**
 * Small modules of WebAssembly compiled at once, as the hash's is. WebKit compiles all on the thread that also optimizes
 * what runs often: SQLite keeps it busy for seconds, on a busy machine for minutes, and every push would wait behind it.
 */

/** Bytes of a module that takes a millisecond. */
const SMALL = 64 * 1024

const { compile } = WebAssembly

Object.assign(WebAssembly, {
  async compile(bytes: BufferSource): Promise<WebAssembly.Module> {
    return bytes.byteLength <= SMALL ? new WebAssembly.Module(bytes) : compile.call(WebAssembly, bytes)
  },
})
