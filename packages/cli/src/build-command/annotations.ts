import type { Annotation, AnnotationType } from '@cooperage/builder'
import { parsePlatform } from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'

const TYPES: readonly AnnotationType[] = ['manifest', 'manifest-descriptor', 'index', 'index-descriptor']
const TYPE = /^([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?$/

/** `[TYPE[[PLATFORM]][,TYPE…]:]NAME=VALUE` of every `--annotation`, as docker buildx reads it. @throws E_CLI, E_PLATFORM */
export function annotations(texts: readonly string[]): Annotation[] {
  return texts.filter((text) => text !== '').flatMap(parse)
}

function parse(text: string): Annotation[] {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new CooperageError('E_CLI', `invalid annotation ${JSON.stringify(text)}, expected key=value`, {
      hint: 'write --annotation NAME=VALUE',
    })
  }
  const name = text.slice(0, at)
  const value = text.slice(at + 1)
  const colon = name.indexOf(':')
  if (colon === -1) return [{ key: name, value }]
  const key = name.slice(colon + 1)
  return name
    .slice(0, colon)
    .split(',')
    .map((type) => ({ key, value, ...typed(type) }))
}

function typed(text: string): Pick<Annotation, 'type' | 'platform'> {
  const [, name, platform] = TYPE.exec(text) ?? []
  if (name === undefined) {
    throw new CooperageError(
      'E_CLI',
      `invalid annotation type ${JSON.stringify(text)}, expected type and optional platform in square brackets`,
      { hint: 'such as manifest[linux/amd64]:NAME=VALUE' },
    )
  }
  const type = TYPES.find((one) => one === name)
  if (type === undefined) {
    throw new CooperageError('E_CLI', `unknown annotation type ${JSON.stringify(name)}`, {
      hint: `types are ${TYPES.join(', ')}`,
    })
  }
  if (platform === undefined) return { type }
  parsePlatform(platform)
  return { type, platform }
}
