/** Builds the example to a folder that the registry serves under `apps/`: see README.md. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: { target: 'es2023', emptyOutDir: true, rolldownOptions: { external: ['/flotilla.js'] } },
  worker: { format: 'es', rolldownOptions: { external: ['/flotilla.js'] } },
})
