/** A map laid over another for look-ups by key; iteration shows the upper one alone. A copy per line would be slow. */
export class OverlayMap<K, V> extends Map<K, V> {
  readonly #below: ReadonlyMap<K, V>

  constructor(below: ReadonlyMap<K, V>) {
    super()
    this.#below = below
  }

  override get(key: K): V | undefined {
    return super.has(key) ? super.get(key) : this.#below.get(key)
  }

  override has(key: K): boolean {
    return super.has(key) || this.#below.has(key)
  }
}
