/**
 * What an attack cost: with `FLOTILLA_FIGURES=<file>`, the tests add a line of JSON to that file for each attack. Tests
 * themselves only hold figures to limits that a busy machine keeps.
 */
import { appendFileSync } from 'node:fs'

/** @param attack - who tried what, in a few words @param figures - by name, with the unit in it */
export function record(attack: string, figures: Readonly<Record<string, number>>): void {
  const path = process.env.FLOTILLA_FIGURES
  if (path) appendFileSync(path, `${JSON.stringify({ attack, ...figures })}\n`)
}
