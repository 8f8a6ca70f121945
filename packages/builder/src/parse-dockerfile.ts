import { type ParseOptions, parseNodes } from './dockerfile/parse.js'
import type { Dockerfile } from './instructions/commands.js'
import { parseInstructions } from './instructions/parse-instructions.js'

/**
 * Understands a Dockerfile: text to stages and typed commands, no variable expanded and no name resolved.
 * Pure. Throws `CooperageError` with E_DF_… codes (E_LIMIT for size), a location, and a message that is word by
 * word BuildKit's.
 */
export function parseDockerfile(text: string | Uint8Array, options: ParseOptions = {}): Dockerfile {
  return parseInstructions(parseNodes(text, options))
}
