import type { PruneAnswer } from '../commands/prune.js'
import { showBytes } from './quantities.js'

/** What a prune did, or would do, and what stays. */
export function renderPrune(report: PruneAnswer, dryRun: boolean): string {
  const verb = dryRun ? 'would remove' : 'removed'
  const extra = [
    ...(report.images > 0 ? [`${count(report.images, 'image')} without a name`] : []),
    ...(report.records > 0 ? [count(report.records, 'record')] : []),
    ...(report.trees > 0 ? [count(report.trees, 'unpacked file system')] : []),
    ...(report.caches > 0 ? [count(report.caches, 'cache')] : []),
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
