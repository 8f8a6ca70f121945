import { CooperageError } from '@cooperage/store/errors'
import { namedValues } from './pairs.js'

// The types that docker knows; a manifest is all that a build for one platform writes.
const TYPE =
  /^((?:manifest|index|manifest-descriptor|index-descriptor)(?:\[[^\]]*\])?(?:,[a-z-]+(?:\[[^\]]*\])?)*):/

/** `[manifest:]NAME=VALUE` of every `--annotation`. @throws E_CLI for a type that is not served. */
export function annotations(texts: readonly string[]): Record<string, string> {
  return namedValues('annotation', texts.map(withoutType))
}

function withoutType(text: string): string {
  const type = TYPE.exec(text)?.[1]
  if (type === undefined) return text
  if (type === 'manifest') return text.slice('manifest:'.length)
  throw new CooperageError('E_CLI', `annotations of ${type} are not served yet`, {
    hint: 'write NAME=VALUE: it goes to the manifest',
  })
}
