// C0, DEL, C1, and the marks that reorder text on screen: a name made of these could move the cursor, set the
// title, or show one command while another runs.
const CONTROL = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const CONTROL_BUT_LINES = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const COLOUR = /\x1b\[[0-9;:]*m/g

/** Text from outside on one line: control characters become `\n`, `\x1b`, `\u202e`. */
export function escapeLine(text: string): string {
  return text.replace(CONTROL, escapeCharacter)
}

/** Text that is JSON stays it: what JSON leaves as it is becomes `\u009b`, `\u202e`. */
export function escapeJson(json: string): string {
  return json.replace(CONTROL_BUT_LINES, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** As `escapeLine`, keeping line ends and tabs. */
export function escapeText(text: string): string {
  return text.replace(CONTROL_BUT_LINES, escapeCharacter)
}

/**
 * A line that a process wrote: colours go, and of what a carriage return writes over only the last state stays,
 * as on a terminal.
 */
export function escapeLog(line: string): string {
  const shown = line.replace(COLOUR, '').replace(/\r+$/, '')
  return escapeText(shown.slice(shown.lastIndexOf('\r') + 1))
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  if (character === '\r') return '\\r'
  const code = character.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
