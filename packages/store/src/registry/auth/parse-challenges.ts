/** One way to authenticate that a server offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In small letters: `bearer`, `basic`. */
  readonly scheme: string
  /** Names in small letters. */
  readonly parameters: Readonly<Record<string, string>>
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const SPACE = /[ \t]*/y
const SEPARATOR = /[ \t,]*/y
const PARAMETER = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*/y
const MAX_CHALLENGES = 16
const MAX_PARAMETERS = 64

/** Reads every challenge of a `WWW-Authenticate` header; what is malformed ends the reading and is left out. */
export function parseChallenges(header: string): Challenge[] {
  const reader = new Reader(header)
  const challenges: Challenge[] = []
  while (challenges.length < MAX_CHALLENGES) {
    reader.take(SEPARATOR)
    const scheme = reader.take(TOKEN)
    if (scheme === '') break
    reader.take(SPACE)
    challenges.push({ scheme: scheme.toLowerCase(), parameters: readParameters(reader) })
  }
  return challenges
}

function readParameters(reader: Reader): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null)
  for (let count = 0; count < MAX_PARAMETERS; count++) {
    const start = reader.at
    if (count > 0) reader.take(SEPARATOR)
    const name = reader.take(PARAMETER, 1).toLowerCase()
    if (name === '') {
      // Credentials in one piece, as of Negotiate; or the next challenge.
      if (count === 0) reader.take(TOKEN68)
      else reader.at = start
      break
    }
    const value = reader.next() === '"' ? reader.quoted() : reader.take(TOKEN)
    // The first of two counts: readers that disagree on this cannot be played off against each other here.
    parameters[name] ??= value
    reader.take(SPACE)
    if (reader.next() !== ',') break
  }
  return parameters
}

class Reader {
  at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  next(): string {
    return this.#text[this.at] ?? ''
  }

  /** What matches here, or a group of it; nothing is taken when nothing matches. */
  take(pattern: RegExp, group = 0): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)
    if (found === null) return ''
    this.at = pattern.lastIndex
    return found[group] ?? ''
  }

  quoted(): string {
    let value = ''
    for (this.at++; this.at < this.#text.length; this.at++) {
      const character = this.#text[this.at]
      if (character === '"') {
        this.at++
        break
      }
      if (character === '\\') this.at++
      value += this.#text[this.at] ?? ''
    }
    return value
  }
}
