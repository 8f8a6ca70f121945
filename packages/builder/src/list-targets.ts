import type { SourceLocation } from '@cooperage/store'
import { locate } from './dockerfile/source-text.js'
import { parseDockerfile } from './parse-dockerfile.js'

/** A stage that can be built. */
export interface DockerfileTarget {
  /** Lower case; empty when the stage has none, and then only the last one can be chosen, by naming none. */
  readonly name: string
  /** What is built when no target is named. */
  readonly isDefault: boolean
  /** What the comment above FROM says of it; may be empty. */
  readonly description: string
  /** As written, with variables. */
  readonly base: string
  /** `--platform` as written; may be empty. */
  readonly platform: string
  readonly location: SourceLocation
}

/** The stages of a Dockerfile, in the order of the file. Reads text alone. @throws E_DF_…, E_LIMIT */
export function listTargets(
  text: string | Uint8Array,
  options: { readonly name?: string } = {},
): readonly DockerfileTarget[] {
  const dockerfile = parseDockerfile(text, options.name === undefined ? {} : { name: options.name })
  const last = dockerfile.stages.at(-1)
  return dockerfile.stages.map((stage) => ({
    name: stage.name,
    isDefault: stage === last,
    description: stage.description,
    base: stage.baseName,
    platform: stage.platform,
    location: locate(dockerfile, stage.range),
  }))
}
