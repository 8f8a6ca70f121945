/** What a run holds while it lasts; given up in reverse order, each one whatever becomes of the others. */
export class Leases implements AsyncDisposable {
  readonly #held: AsyncDisposable[] = []

  /** Takes over the disposal of `lease`. */
  add<T extends AsyncDisposable>(lease: T): T {
    this.#held.push(lease)
    return lease
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    for (let lease = this.#held.pop(); lease !== undefined; lease = this.#held.pop()) {
      try {
        await lease[Symbol.asyncDispose]()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure !== undefined) throw failure.error
  }
}
