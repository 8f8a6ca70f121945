import type { BuildResult } from '@cooperage/builder'
import { escapeLine } from './escape.js'
import { showSeconds } from './quantities.js'

/** The last lines of a build that went well: what it made, under which names, where it was written. */
export function summary(result: BuildResult, milliseconds: number): string {
  const { stats } = result
  const lines = [
    `built ${result.imageId} in ${showSeconds(milliseconds)} (${stats.cached} of ${stats.steps} steps from the cache)`,
    ...result.tags.map((tag) => `named ${tag}`),
    ...result.outputs.map(({ kind, destination }) => `wrote ${kind}: ${destination}`),
  ]
  return `${lines.map(escapeLine).join('\n')}\n`
}
