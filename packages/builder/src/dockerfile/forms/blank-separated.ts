import type { FormResult } from '../node.js'

/** Words between ASCII blanks, without quoting: FROM, EXPOSE. */
export function blankSeparatedForm(text: string): FormResult {
  return { args: text === '' ? [] : text.split(/[\t\v\f\r ]+/), json: false }
}
