/** A small fact under a name: what a step of a build made, the digests of known files. All of it may be lost. */
export interface RecordStore {
  /**
   * The payload last put under this key. Missing, damaged, or naming a blob that is gone: undefined, a miss. Never
   * throws for the state of the store.
   */
  get(kind: string, key: string): Promise<Buffer | undefined>

  /** As `get`, decoded as UTF-8. */
  getText(kind: string, key: string): Promise<string | undefined>

  /** Visible whole or not at all; the last one wins. After a power cut it may be gone: a miss. */
  put(kind: string, key: string, payload: string | Uint8Array): Promise<void>

  /** Idempotent: true when it was there. */
  delete(kind: string, key: string): Promise<boolean>

  /** Every sound record of a kind, in no order. Keys are not kept: a record is named by the digest of its key. */
  list(kind: string): AsyncIterable<RecordEntry>

  /** The kinds that have had a record. */
  kinds(): Promise<string[]>
}

export interface RecordEntry {
  /** sha256 of the key, in hexadecimal. */
  readonly keyHash: string
  readonly payload: Buffer
  /** When it was last put or got, to the hour. Milliseconds since 1970. */
  readonly usedAt: number
}
