import { isCooperageError } from '@cooperage/store'
import type { Heredoc } from '../instructions/commands.js'
import { expandWord } from '../words/expand.js'
import { Complaint } from './complaint.js'

/** A here-document as its mark announces it, before its body is read. */
export type HeredocMark = Omit<Heredoc, 'content'>

const MARK = /^([0-9]*)<<(-?)/

/** What `<<EOF`, `3<<-"EOF"` and the like announce, or undefined when the word is no such mark. */
export function parseHeredocMark(word: string): HeredocMark | undefined {
  const match = MARK.exec(word)
  if (match === null) return undefined
  const delimiter = word.slice(match[0].length).replace(/^[\t\n\f\r ]+/, '')
  if (delimiter === '' || delimiter.includes('<')) return undefined
  const plain = shellWords(delimiter, { rawQuotes: false, rawEscapes: false })
  const name = plain[0]
  if (name === undefined || plain.length !== 1) return undefined
  const [quoted = ''] = shellWords(delimiter, { rawQuotes: true, rawEscapes: false })
  return {
    name,
    // Quotes that were taken away are missing from the count; escaped ones are in both.
    expand: countQuotes(name) === countQuotes(quoted),
    chomp: match[2] === '-',
    fileDescriptor: Number(match[1]),
  }
}

/** The here-documents that an instruction announces, in order. */
export function heredocMarks(line: string): readonly HeredocMark[] {
  if (!line.includes('<<')) return []
  const words = shellWords(line, { rawQuotes: true, rawEscapes: true })
  return words.flatMap((word) => parseHeredocMark(word) ?? [])
}

/** The body without the tabs at the start of its lines: what `<<-` asks for. */
export function chompHeredoc(content: string): string {
  return content.replace(/(^|\n)\t+/g, '$1')
}

/**
 * Words as a shell without any variable cuts them, `$name` and `${…}` left as written; none when quotes or braces
 * do not close, because such an instruction announces nothing. The escape character is the backslash here, even
 * where the file's directive says otherwise.
 */
function shellWords(
  text: string,
  keep: { readonly rawQuotes: boolean; readonly rawEscapes: boolean },
): readonly string[] {
  try {
    return expandWord(text, { env: new Map(), skipUnset: true, ...keep }).words
  } catch (error) {
    if (!isCooperageError(error)) throw error
    if (error.code === 'E_DF_VAR') return []
    if (error.code !== 'E_LIMIT') throw error
    throw new Complaint(error.code, error.message, { hint: error.hint, data: error.data })
  }
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, '').length
}
