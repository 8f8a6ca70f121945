// Go's `unicode.IsSpace`.
const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** Gathers a result into words. Blanks separate only where they come as such, or out of a variable. */
export class WordSplitter {
  readonly #words: string[] = []
  #word = ''

  /** Text whose blanks separate words. */
  addSplit(text: string): void {
    if (!SPACE.test(text)) {
      this.#word += text
      return
    }
    for (const character of text) {
      if (!SPACE.test(character)) this.#word += character
      else this.#end()
    }
  }

  /** Quoted or escaped text: its blanks belong to the word. */
  addWhole(text: string): void {
    this.#word += text
  }

  /** Forgets the word that is being gathered. */
  discard(): void {
    this.#word = ''
  }

  #end(): void {
    if (this.#word !== '') this.#words.push(this.#word)
    this.#word = ''
  }

  /** All words; an empty one, even between quotes, is none. */
  finish(): readonly string[] {
    this.#end()
    return this.#words
  }
}
