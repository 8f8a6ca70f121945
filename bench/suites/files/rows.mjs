import { appendFileSync, statSync, truncateSync, utimesSync } from 'node:fs'
import { listFiles } from '../../lib/list-files.mjs'

/**
 * @typedef {object} FilesExtra
 * @property {boolean} cold whether every contender forgets everything first
 * @property {(context: string) => () => void} change changes the context; what it returns takes the change back
 */
/** @typedef {import('../../lib/suite.mjs').Row & FilesExtra} FilesRow its group is the name of its input */

const nothing = () => () => {}

/** @type {FilesRow[]} */
export const rows = [
  { group: 'many', name: '41,000 files, cold', cold: true, bar: 8, change: nothing },
  { group: 'many', name: '41,000 files, unchanged', cold: false, bar: 2, change: nothing },
  { group: 'many', name: '41,000 files, one changed', cold: false, bar: 5, change: appendByte },
  { group: 'big', name: '1 GiB file, cold', cold: true, bar: 3, change: nothing },
]

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
