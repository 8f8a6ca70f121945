import { registryError } from './transport/registry-error.js'

/** The largest repositories have some hundred thousand tags. */
const MOST_ENTRIES = 1_000_000
const MOST_BYTES = 64 << 20
const MOST_PAGES = 10_000

/** What one list may come to, however many pages a server makes of it. */
export class ListLimits {
  readonly #about: { readonly host: string; readonly asked: string }
  #pages = 0
  #entries = 0
  #bytes = 0

  constructor(about: { readonly host: string; readonly asked: string }) {
    this.#about = about
  }

  /** Counts a page. @throws E_LIMIT */
  add(page: { readonly entries: number; readonly bytes: number }): void {
    this.#pages++
    this.#entries += page.entries
    this.#bytes += page.bytes
    if (this.#entries > MOST_ENTRIES) throw this.#tooMuch(`${MOST_ENTRIES} entries`, MOST_ENTRIES)
    if (this.#bytes > MOST_BYTES) throw this.#tooMuch(`${MOST_BYTES} bytes in all`, MOST_BYTES)
    if (this.#pages > MOST_PAGES) throw this.#tooMuch(`${MOST_PAGES} pages`, MOST_PAGES)
  }

  #tooMuch(what: string, limit: number): Error {
    const { host, asked } = this.#about
    return registryError('E_LIMIT', { host, problem: `${asked}: more than ${what}` }, { data: { limit } })
  }
}
