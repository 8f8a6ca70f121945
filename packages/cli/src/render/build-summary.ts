import type { BuildResult } from '@cooperage/builder'
import { escapeLine } from './escape.js'
import { showSeconds } from './quantities.js'

/** The last lines of a build that went well: what it made, under which names, where it was written. */
export function summary(result: BuildResult, milliseconds: number): string {
  const { stats, outputs } = result
  const isOnlyPushed = outputs.length > 0 && outputs.every(({ pushed }) => pushed === true)
  const lines = [
    `built ${result.imageId} in ${showSeconds(milliseconds)} (${stats.cached} of ${stats.steps} steps from the cache)`,
    ...(isOnlyPushed ? [] : result.tags.map((tag) => `named ${tag}`)),
    ...outputs.flatMap(({ kind, destination, pushed, names = [], descriptor }) =>
      pushed === true
        ? names.map((name) => `pushed ${name} as ${descriptor?.digest}`)
        : [`wrote ${kind}: ${destination}`],
    ),
  ]
  return `${lines.map(escapeLine).join('\n')}\n`
}
