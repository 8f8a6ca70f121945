import type { Pulled } from '../commands/pull.js'
import { escapeLine } from './escape.js'

/** What docker says after a pull; with `quiet` the name alone. */
export function renderPulled({ name, isNew, image }: Pulled, quiet: boolean): string {
  const shown = escapeLine(name)
  if (quiet) return `${shown}\n`
  const status = isNew ? 'Downloaded newer image for' : 'Image is up to date for'
  return `Digest: ${image.root.digest}\nStatus: ${status} ${shown}\n${shown}\n`
}
