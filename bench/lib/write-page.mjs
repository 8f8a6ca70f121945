import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/steps.mjs'

const page = join(root, 'docs', 'benchmarks.md')

/**
 * Replaces the measured part of one suite in the page of benchmarks.
 * @param {string} name of the suite
 * @param {string} markdown
 * @returns {string} path of the page
 */
export function writePage(name, markdown) {
  const begin = `<!-- measured ${name}: written by npm run bench -- --markdown -->`
  const end = `<!-- end of measured ${name} -->`
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from)
    throw new Error(`${page}: the lines around the measured part of ${name} are gone`)
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${markdown}\n\n${text.slice(to)}`)
  return page
}
