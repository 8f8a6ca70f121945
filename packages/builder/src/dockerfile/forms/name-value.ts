import { Complaint } from '../complaint.js'
import { goQuote } from '../go-quote.js'
import type { FormResult } from '../node.js'
import { quotedWords } from './quoted-words.js'

/**
 * `name=value …`, or the old form `name rest of the line`: ENV, LABEL. Which one it is hangs on the first word
 * alone. Three arguments a pair: name, value, `=` or nothing.
 */
export function nameValueForm(text: string, escapeToken: string, keyword: string): FormResult {
  const words = quotedWords(text, escapeToken)
  const first = words[0]
  if (first === undefined) return { args: [], json: false }
  if (!first.includes('=')) return oldForm(text, keyword)
  const args: string[] = []
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 0) {
      throw new Complaint(
        'E_DF_SYNTAX',
        `Syntax error - can't find = in ${goQuote(word)}. Must be of the form: name=value`,
        { hint: `put a value with blanks in double quotes: ${keyword} name="a value"` },
      )
    }
    args.push(word.slice(0, equals), word.slice(equals + 1), '=')
  }
  return { args, json: false }
}

function oldForm(text: string, keyword: string): FormResult {
  const blank = /[\t\v\f\r ]+/.exec(text)
  if (blank === null) {
    throw new Complaint('E_DF_SYNTAX', `${keyword} must have two arguments`, {
      hint: `write ${keyword} name=value`,
    })
  }
  return {
    args: [text.slice(0, blank.index), text.slice(blank.index + blank[0].length), ''],
    json: false,
  }
}
