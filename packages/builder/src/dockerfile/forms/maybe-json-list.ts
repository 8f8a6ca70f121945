import type { FormResult } from '../node.js'
import { blankSeparatedForm } from './blank-separated.js'
import { jsonArray } from './json-array.js'

/** A JSON array, or else words between blanks: COPY, ADD, VOLUME. */
export function maybeJsonListForm(text: string): FormResult {
  const items = jsonArray(text)
  return items === undefined ? blankSeparatedForm(text) : { args: items, json: true }
}
