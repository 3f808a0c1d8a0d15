/**
 * Runs the official conformance program of opencontainers/distribution-spec, whichever binary `OCI_CONFORMANCE`
 * names, against a separate registry: the released specification and the main branch's, every toggle on. With
 * `--browser`, against the registry in a page of Chromium; with `--beside`, against one beside a peer that holds all
 * that it holds; with `--defaults`, against one that nobody has configured, as `npm start` has it, and every toggle on
 * that no setting of Distribution's stands before.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRegistry } from '../support/registry-process.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'
import { openBridgedPage } from '../system/e2e/support/bridged-page.ts'
import { openBeside } from './beside.ts'

const EVERY_TOGGLE = {
  OCI_TLS: 'disabled',
  OCI_REPO1: 'conformance/one',
  OCI_REPO2: 'conformance/two',
  OCI_API_BLOBS_DIGEST_HEADER: 'true',
  OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
  OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
  OCI_API_MANIFESTS_TAG_PARAM: 'true',
  OCI_DATA_SPARSE: 'true',
  OCI_DATA_SHA512: 'true',
}

/** The program deletes, pushes manifests with missing content, and layers that have URLs. */
const SETTINGS = {
  REGISTRY_STORAGE_DELETE_ENABLED: 'true',
  REGISTRY_VALIDATION_MANIFESTS_BLOBS: 'none',
  REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: 'none',
  REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW: '["^https://"]',
  REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
}

/** By default manifests need their parts: Distribution's `validation.manifests.indexes` says so, too. */
const WHOLE_IMAGES = { OCI_DATA_SPARSE: 'false' }

interface Target extends AsyncDisposable {
  readonly host: string
  /** Those of what a peer holds, if there is one. */
  deletions?(): number
}

const isInBrowser = process.argv.includes('--browser')
const isBeside = process.argv.includes('--beside')
const isByDefaults = process.argv.includes('--defaults')

async function open(): Promise<Target> {
  if (isInBrowser) return openBridgedPage()
  if (isBeside) return openBeside(SETTINGS)
  return startRegistry({ environment: isByDefaults ? withoutSettings() : SETTINGS })
}

/** Neither those of the person who runs this, nor those that tests start a registry with. */
function withoutSettings(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('REGISTRY_'))
  return Object.fromEntries([...names, 'REGISTRY_SWARM_ENABLED'].map((name) => [name, undefined]))
}

const program = process.env['OCI_CONFORMANCE']
if (!program) {
  console.error(
    'OCI_CONFORMANCE must name the conformance program (opencontainers/distribution-spec, conformance/)',
  )
  process.exit(2)
}

if (isByDefaults) {
  console.log('without sparse images, which need validation.manifests.blobs and .indexes.platforms: none')
}
let failed = 0
for (const version of ['1.1', 'dev']) failed += await runVersion(program, version)
process.exit(failed > 0 ? 1 : 0)

/** Gives the number of failed tests, or 1 where the program itself failed. */
async function runVersion(program: string, version: string): Promise<number> {
  await using registry = await open()
  await using results = await openTemporaryFolder()
  const environment = {
    ...process.env,
    ...EVERY_TOGGLE,
    ...((isInBrowser || isByDefaults) && WHOLE_IMAGES),
    OCI_VERSION: version,
    OCI_REGISTRY: registry.host,
    OCI_RESULTS_DIR: results.path,
  }
  const child = spawn(program, { env: environment, cwd: results.path, stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  const [code] = await once(child, 'close')
  const report = await readFile(join(results.path, 'junit.xml'), 'utf8')
  const count = (name: string) =>
    Number(new RegExp(`<testsuites[^>]*\\b${name}="(\\d+)"`).exec(report)?.[1] ?? 0)
  const [tests, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map(count)
  console.log(
    `OCI_VERSION=${version}: ${tests} tests, ${failures} failed, ${errors} errors, ${skipped} skipped`,
  )
  const deletions = registry.deletions?.()
  if (deletions !== undefined) console.log(`  ${deletions} deletions of what a peer holds`)
  const notRun = /<testcase name="([^"]*)"[^>]*status="(skipped|failure|error)">\s*<system-out>([^<]*)/g
  for (const [, name, status, output] of report.matchAll(notRun)) {
    console.log(`  ${status} ${name}: ${output!.replace(/\s+/g, ' ').slice(0, 300)}`)
  }
  return count('failures') + count('errors') || (code === 0 && deletions !== 0 ? 0 : 1)
}
