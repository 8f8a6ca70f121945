import { CooperageError } from '@cooperage/store'

/** What `--chmod` does to a mode. */
export interface ModeChange {
  /** Set when the mode was given in octal: missing parents get it too. */
  readonly octal?: number
  apply(mode: number, type: 'directory' | string): number
}

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o0007, a: 0o6777 }
const ALL = 0o6777
const STICKY = 0o1000
const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const CLAUSE = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/
const ACTION = /([-+=])([rwxXstugo]*)/g

/** A change of the mode so far; `before` is the mode before all of them. */
type Change = (mode: number, before: number, isDirectory: boolean) => number

/**
 * Reads `--chmod`: octal up to 07777, or a list of symbolic clauses (`u=rwX,go=rX`). These mean what they mean to the
 * chmod(1) of BSD, which BuildKit follows: unlike GNU's, `=` clears setuid and setgid of directories too and never the
 * sticky bit, and `t` belongs to everybody but `o`.
 * @throws E_DF_FLAG
 */
export function parseModeChange(text: string): ModeChange {
  if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o7777) {
    const octal = Number.parseInt(text, 8)
    return { octal, apply: () => octal }
  }
  const changes = text.split(',').flatMap((clause) => {
    const parts = CLAUSE.exec(clause)
    if (parts !== null) return changesOf(parts[1]!, parts[2]!)
    const message = `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`
    throw new CooperageError('E_DF_FLAG', message, {
      hint: 'symbolic modes such as u=rwX,go=rX are understood as well',
    })
  })
  return {
    apply: (mode, type) =>
      changes.reduce((current, change) => change(current, mode, type === 'directory'), mode),
  }
}

function changesOf(letters: string, actions: string): Change[] {
  let who = 0
  for (const letter of letters) who |= WHO[letter]!
  return [...actions.matchAll(ACTION)].flatMap(([, sign, what]) => changesOfAction(who, sign!, what!))
}

function changesOfAction(who: number, sign: string, what: string): Change[] {
  const changes: Change[] = []
  const isForOthersAlone = who !== 0 && (who & ~WHO.o!) === 0
  let reached = who
  let bits = 0
  let searchable = false
  let hasReplaced = false
  const flush = () => {
    if (bits !== 0 || (sign === '=' && !hasReplaced)) changes.push(bitChange(sign, reached, bits))
    if (sign === '=') hasReplaced = true
    if (searchable) changes.push(searchChange(sign, reached))
    bits = 0
    searchable = false
  }
  for (const letter of what) {
    if (letter === 'r') bits |= 0o444
    else if (letter === 'w') bits |= 0o222
    else if (letter === 'x') bits |= 0o111
    else if (letter === 'X') searchable = true
    else if (letter === 's') bits |= isForOthersAlone ? 0 : 0o6000
    else if (letter === 't') {
      if (isForOthersAlone) continue
      reached |= STICKY
      bits |= STICKY
    } else {
      // Copying replaces what it copies to, and nothing else of what `=` would clear.
      if (sign === '=' && bits === 0) hasReplaced = true
      flush()
      changes.push(copyChange(sign, who, letter))
    }
  }
  flush()
  return changes
}

function bitChange(sign: string, who: number, bits: number): Change {
  const set = who === 0 ? bits : bits & who
  if (sign === '-') return (mode) => mode & ~set
  if (sign === '+') return (mode) => mode | set
  return (mode) => (mode & ~(who === 0 ? ALL : who)) | set
}

/** `X`: for directories, and for files that somebody could execute before. */
function searchChange(sign: string, who: number): Change {
  const set = who === 0 ? 0o111 : 0o111 & who
  return (mode, before, isDirectory) => {
    if (!isDirectory && (before & 0o111) === 0) return mode
    return sign === '-' ? mode & ~set : mode | set
  }
}

/** `u`, `g` or `o`: the permissions that this class of users has, for those named before the sign. */
function copyChange(sign: string, who: number, from: string): Change {
  const targets = ['u', 'g', 'o'].filter((letter) => who === 0 || (who & WHO[letter]! & 0o777) !== 0)
  return (mode) => {
    const value = (mode >> SHIFT[from]!) & 7
    for (const target of targets) {
      const shift = SHIFT[target]!
      if (sign === '-') mode &= ~(value << shift)
      else mode = (sign === '=' ? mode & ~(7 << shift) : mode) | (value << shift)
    }
    return mode
  }
}
