/** `Config.Env` while it grows: variables keep the place where they came first. */
export class Environment {
  readonly #entries: string[] = []
  /** Of a name that a base image has twice, the first place. */
  readonly #places = new Map<string, number>()

  constructor(entries: Iterable<string>) {
    for (const entry of entries) {
      const [name] = splitVariable(entry)
      if (!this.#places.has(name)) this.#places.set(name, this.#entries.length)
      this.#entries.push(entry)
    }
  }

  get entries(): readonly string[] {
    return this.#entries
  }

  has(name: string): boolean {
    return this.#places.has(name)
  }

  set(name: string, value: string): void {
    const place = this.#places.get(name) ?? this.#entries.length
    this.#places.set(name, place)
    this.#entries[place] = `${name}=${value}`
  }
}

/** Name and value of an entry of `Config.Env`; one without `=` has an empty value. */
export function splitVariable(entry: string): readonly [name: string, value: string] {
  const at = entry.indexOf('=')
  return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
}
