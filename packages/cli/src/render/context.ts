import type { ContextListing, ListedIgnored, ListedTotals } from '@cooperage/builder'
import { toUtf8 } from '@cooperage/store'
import { escapeJson, escapeLine } from './escape.js'
import { showBytes } from './quantities.js'

/** A line for each path that is sent, then one for each that is not, then the sums. */
export function contextText({ entries, ignored, totals }: ContextListing): string {
  const lines = entries.map(({ path, type, size }) => {
    const shown = type === 'file' ? showBytes(size) : type === 'directory' ? '' : type
    return `${shown.padStart(8)}  ${escapeLine(toUtf8(path))}`
  })
  const left = ignored.map((entry) => `${escapeLine(toUtf8(entry.path))}  ignored by ${reason(entry)}`)
  const unread = totals.ignored.unreadDirectories
  const besides =
    unread === 0
      ? ''
      : `, not counting what ${unread} ${unread === 1 ? 'directory holds' : 'directories hold'}`
  return [
    ...lines,
    ...(left.length > 0 ? ['', ...left] : []),
    '',
    `sent: ${sum(totals.sent)}`,
    `ignored: ${sum(totals.ignored)}${besides}`,
    '',
  ].join('\n')
}

/** The same as one object. Modes are octal text; sizes are bytes. */
export function contextJson({ entries, ignored, totals, warnings }: ContextListing): string {
  const named = <T extends { readonly path: string }>(entry: T): T => ({ ...entry, path: toUtf8(entry.path) })
  const listing = {
    entries: entries.map((entry) => ({ ...named(entry), mode: entry.mode.toString(8).padStart(4, '0') })),
    ignored: ignored.map(named),
    totals,
    warnings: warnings.map(named),
  }
  return `${escapeJson(JSON.stringify(listing, undefined, 2))}\n`
}

function reason({ file, line, pattern }: ListedIgnored): string {
  const where = line === undefined ? file : `${file}:${line}`
  return escapeLine(pattern === undefined ? where : `${where} "${pattern}"`)
}

function sum({ files, bytes }: ListedTotals): string {
  return `${files} ${files === 1 ? 'file' : 'files'}, ${showBytes(bytes)}`
}
