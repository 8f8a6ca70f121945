/** Hands out the lines of a file one by one and knows how many it has given. */
export class LineReader {
  readonly #lines: readonly string[]
  #given = 0

  constructor(lines: readonly string[]) {
    this.#lines = lines
  }

  /** Number of the line given last, from 1; 0 before the first. */
  get lineNumber(): number {
    return this.#given
  }

  /** The next line with its line end, undefined behind the last. */
  next(): string | undefined {
    const line = this.#lines[this.#given]
    if (line !== undefined) this.#given++
    return line
  }
}

/** Without line feeds and carriage returns at the end. */
export function trimLineEnd(line: string): string {
  let end = line.length
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end--
  return line.slice(0, end)
}
