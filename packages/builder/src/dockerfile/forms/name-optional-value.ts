import type { FormResult } from '../node.js'
import { quotedWords } from './quoted-words.js'

/** `name` or `name=value`, each one argument: ARG. */
export function nameOptionalValueForm(text: string, escapeToken: string): FormResult {
  return { args: quotedWords(text, escapeToken), json: false }
}
