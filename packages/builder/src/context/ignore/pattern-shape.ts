import { type ByteString, isUtf8Bytes } from '@cooperage/store'

/** What every path that a pattern matches must have: cheap to test, and good to look patterns up by. */
export interface PatternShape {
  readonly prefix: ByteString
  readonly suffix: ByteString
  /** Names that are components of the path. */
  readonly components: readonly ByteString[]
}

const NOTHING: PatternShape = { prefix: '', suffix: '', components: [] }
/** These reach the regular expression as they are, and may mean anything there. */
const LIVE = /[[\]\\^|]/
const WILD = /[*?]/
const REPLACEMENT = '\xef\xbf\xbd'
const BOM = '\xef\xbb\xbf'

/** Reads the literal parts off a pattern, without compiling it. */
export function patternShape(text: ByteString): PatternShape {
  const isText = isUtf8Bytes(text) && !text.includes(REPLACEMENT) && !text.startsWith(BOM)
  if (LIVE.test(text) || !isText) return NOTHING
  const first = text.search(WILD)
  if (first < 0) return { prefix: text, suffix: text, components: text.split('/') }
  const last = Math.max(text.lastIndexOf('*'), text.lastIndexOf('?'))
  const tail = text.slice(last + 1)
  // The slash behind `**` belongs to it, and need not be there.
  const suffix = text[last] === '*' && text[last - 1] === '*' && tail.startsWith('/') ? tail.slice(1) : tail
  return { prefix: text.slice(0, first), suffix, components: boundComponents(text.split('/')) }
}

/** Literal components; one behind `x**` is not bound, since that and `/y` match `xy`. */
function boundComponents(parts: readonly ByteString[]): ByteString[] {
  return parts.filter((part, index) => {
    const before = parts[index - 1]
    return (
      !WILD.test(part) && part !== '' && (before === undefined || before === '**' || !before.endsWith('**'))
    )
  })
}
