import { formatPlatform, type ImageConfig } from '@cooperage/store'
import type { InspectedManifest } from '../commands/manifest.js'
import { escapeJson, escapeLine } from './escape.js'

/** Type, digest, and what an index names, in the layout of `docker buildx imagetools inspect`. */
export function manifestText({ reference, document }: InspectedManifest): string {
  const { descriptor, index } = document
  const lines = [
    `Name:      ${reference}`,
    `MediaType: ${descriptor.mediaType}`,
    `Digest:    ${descriptor.digest}`,
  ]
  if (index !== undefined) {
    const name = `${reference.domain}/${reference.path}${reference.tag === undefined ? '' : `:${reference.tag}`}`
    lines.push('', 'Manifests:')
    for (const entry of index.manifests) {
      lines.push(`  Name:      ${name}@${entry.digest}`, `  MediaType: ${entry.mediaType}`)
      if (entry.platform !== undefined) lines.push(`  Platform:  ${formatPlatform(entry.platform)}`)
      const annotations = Object.entries(entry.annotations ?? {})
      if (annotations.length > 0) lines.push('  Annotations:')
      for (const [key, value] of annotations) lines.push(`    ${key}: ${value}`)
      lines.push('')
    }
    lines.pop()
  }
  return `${lines.map(escapeLine).join('\n')}\n`
}

/** Name, manifest and image in one object, with the members of `docker buildx imagetools inspect --format '{{json .}}'`. */
export function manifestJson(inspected: InspectedManifest, images: ReadonlyMap<string, ImageConfig>): string {
  const { typed, document } = inspected
  const { descriptor, index } = document
  const { mediaType, digest, size } = descriptor
  const manifest =
    index === undefined
      ? { mediaType, digest, size }
      : { schemaVersion: 2, mediaType, digest, size, manifests: index.manifests }
  const [only] = images.values()
  const image = index === undefined ? only : Object.fromEntries(images)
  const answer = { name: typed, manifest, ...(image === undefined ? {} : { image }) }
  return `${escapeJson(JSON.stringify(answer, undefined, 2))}\n`
}
