import type { Pushed } from '../commands/push.js'
import { escapeLine } from './escape.js'

/** `1.0: digest: sha256:… size: 527`, as docker says it; with `quiet` the name alone. */
export function renderPushed({ to, root }: Pushed, quiet: boolean): string {
  if (quiet) return `${escapeLine(to.toString())}\n`
  return `${escapeLine(to.tag ?? to.digest ?? '')}: digest: ${root.digest} size: ${root.size}\n`
}
