import { appendFileSync, statSync, truncateSync, utimesSync } from 'node:fs'
import { listFiles } from './list-files.mjs'

/**
 * One line of the result. A row is measured right after the row above it of the same input, on what that one left.
 * @typedef {object} Row
 * @property {string} name
 * @property {'many' | 'big'} input
 * @property {boolean} cold whether every contender forgets everything first
 * @property {number} bar our time is to be at most this part of theirs: 8 stands for 1:8
 * @property {(context: string) => () => void} prepare changes the context; what it returns takes the change back
 */

const nothing = () => () => {}

/** @type {Row[]} */
export const rows = [
  { name: '41,000 files, cold', input: 'many', cold: true, bar: 8, prepare: nothing },
  { name: '41,000 files, unchanged', input: 'many', cold: false, bar: 2, prepare: nothing },
  { name: '41,000 files, one changed', input: 'many', cold: false, bar: 5, prepare: appendByte },
  { name: '1 GiB file, cold', input: 'big', cold: true, bar: 3, prepare: nothing },
]

/** The most resident memory that ours may take in any row, in MiB. */
export const memoryBar = 250

function appendByte(/** @type {string} */ context) {
  const path = listFiles(context).find((file) => file.endsWith('.js'))
  if (path === undefined) throw new Error(`${context}: no .js file to change`)
  const { size, atime, mtime } = statSync(path)
  appendFileSync(path, '\n')
  return () => {
    truncateSync(path, size)
    utimesSync(path, atime, mtime)
  }
}
