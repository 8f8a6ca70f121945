import type { FormResult } from '../node.js'
import { jsonArray } from './json-array.js'
import { stringForm } from './string.js'

/** A JSON array, or else everything as one argument: RUN, CMD, ENTRYPOINT, SHELL. */
export function maybeJsonForm(text: string): FormResult {
  const items = jsonArray(text)
  return items === undefined ? stringForm(text) : { args: items, json: true }
}
