import { CooperageError } from '@cooperage/store'

/** What `--chmod` does to a mode. */
export interface ModeChange {
  /** Set when the mode was given in octal: missing parents get it too. */
  readonly octal?: number
  apply(mode: number, type: 'directory' | string): number
}

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 }
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/
const ACTION = /([-+=])([ugo]|[rwxXst]*)/g

/**
 * Reads `--chmod`: octal up to 07777, or a list of symbolic clauses as chmod(1) takes them (`u=rwX,go=rX`).
 * @throws E_DF_FLAG
 */
export function parseModeChange(text: string): ModeChange {
  if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o7777) {
    const octal = Number.parseInt(text, 8)
    return { octal, apply: () => octal }
  }
  const clauses = text.split(',').map((clause) => CLAUSE.exec(clause))
  if (clauses.some((clause) => clause === null)) {
    const message = `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`
    throw new CooperageError('E_DF_FLAG', message, {
      hint: 'symbolic modes such as u=rwX,go=rX are understood as well',
    })
  }
  return {
    apply: (mode, type) =>
      clauses.reduce((current, clause) => applyClause(clause!, current, type === 'directory'), mode),
  }
}

function applyClause(clause: RegExpExecArray, mode: number, isDirectory: boolean): number {
  const who = clause[1] === '' ? 'a' : clause[1]!
  let mask = 0
  for (const letter of who) mask |= WHO[letter]!
  for (const [, sign, letters] of clause[2]!.matchAll(ACTION)) {
    const bits = permissionBits(letters!, mode, isDirectory) & mask
    if (sign === '+') mode |= bits
    else if (sign === '-') mode &= ~bits
    // Like GNU chmod, `=` leaves a directory's setuid and setgid bits unless they are named.
    else mode = (mode & ~(isDirectory ? mask & 0o1777 : mask)) | bits
  }
  return mode
}

function permissionBits(letters: string, mode: number, isDirectory: boolean): number {
  if (/^[ugo]$/.test(letters)) {
    const shift = letters === 'u' ? 6 : letters === 'g' ? 3 : 0
    return ((mode >> shift) & 7) * 0o111
  }
  let bits = 0
  for (const letter of letters) {
    if (letter === 'r') bits |= 0o444
    else if (letter === 'w') bits |= 0o222
    else if (letter === 'x') bits |= 0o111
    else if (letter === 'X') bits |= isDirectory || (mode & 0o111) !== 0 ? 0o111 : 0
    else if (letter === 's') bits |= 0o6000
    else if (letter === 't') bits |= 0o1000
  }
  return bits
}
