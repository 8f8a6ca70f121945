import type { PruneReport } from '@cooperage/store'
import { showBytes } from './quantities.js'

/** What a prune did, or would do, and what stays. */
export function renderPrune(report: PruneReport, dryRun: boolean): string {
  const verb = dryRun ? 'would remove' : 'removed'
  const extra = [
    ...(report.records > 0 ? [count(report.records, 'record')] : []),
    ...(report.unfinished > 0 ? [count(report.unfinished, 'unfinished file')] : []),
  ]
  const lines = [
    `${verb} ${[`${count(report.removed, 'blob')} (${showBytes(report.bytes)})`, ...extra].join(', ')}`,
    `kept ${count(report.kept, 'blob')} (${showBytes(report.keptBytes)})`,
  ]
  return `${lines.join('\n')}\n`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
