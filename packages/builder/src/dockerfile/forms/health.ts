import { isSpace } from '../go-text.js'
import type { FormResult } from '../node.js'
import { maybeJsonForm } from './maybe-json.js'

/** A first word (`CMD`, `NONE`) and then a command, JSON or not: HEALTHCHECK. */
export function healthForm(text: string): FormResult {
  let end = 0
  while (end < text.length && !isSpace(text.charAt(end))) end++
  if (end === 0) return { args: [], json: false }
  let next = end
  while (next < text.length && isSpace(text.charAt(next))) next++
  const command = maybeJsonForm(text.slice(next))
  return { args: [text.slice(0, end), ...command.args], json: command.json }
}
