/** Shorter ones would black out ordinary words. */
const SHORTEST_SECRET = 6

/** Shows `***` in the place of secrets, and of each line of one. */
export class SecretMask {
  readonly #secrets: readonly string[]

  constructor(secrets: readonly Uint8Array[]) {
    this.#secrets = secrets
      .flatMap((value) => Buffer.from(value).toString('utf8').split(/\r?\n/))
      .filter((line) => line.length >= SHORTEST_SECRET)
  }

  mask(text: string): string {
    let shown = ''
    let at = 0
    for (const [start, end] of this.#places(text)) {
      shown += `${text.slice(at, start)}***`
      at = end
    }
    return shown + text.slice(at)
  }

  /** How much of a text can be shown before what follows it is known: its end may be the beginning of a secret. */
  settled(text: string): number {
    const places = this.#places(text)
    const isInside = (at: number) => places.some(([start, end]) => start < at && at < end)
    const begins = (at: number) => {
      const rest = text.slice(at)
      return this.#secrets.some((secret) => secret.length > rest.length && secret.startsWith(rest))
    }
    const longest = this.#secrets.reduce((length, secret) => Math.max(length, secret.length), 0)
    let at = Math.max(0, text.length - longest)
    while (at < text.length && (isInside(at) || !begins(at))) at++
    return at
  }

  /** Of all secrets in a text, in order; where two overlap, of both as one. */
  #places(text: string): [start: number, end: number][] {
    const found: [number, number][] = []
    for (const secret of this.#secrets) {
      for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
        found.push([at, at + secret.length])
      }
    }
    const places: [number, number][] = []
    for (const [start, end] of found.sort(([a], [b]) => a - b)) {
      const last = places.at(-1)
      if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
      else places.push([start, end])
    }
    return places
  }
}
