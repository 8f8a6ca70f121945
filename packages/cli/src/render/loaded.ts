import type { LoadedImage } from '../commands/load.js'
import { escapeLine } from './escape.js'

/** One line for each name that was given, as docker says it. */
export function renderLoaded(images: readonly LoadedImage[]): string {
  const lines = images.flatMap((image) =>
    image.names.length > 0
      ? image.names.map((name) => `Loaded image: ${escapeLine(name)}`)
      : [`Loaded image ID: ${image.id}`],
  )
  return lines.map((line) => `${line}\n`).join('')
}
