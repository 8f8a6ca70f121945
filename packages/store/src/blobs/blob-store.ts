import type { Digest } from '../digest.js'

export interface BlobInfo {
  readonly digest: Digest
  /** In bytes. */
  readonly size: number
}

export interface ReadOptions {
  /** When given, a blob of another size is refused before a byte is read. */
  readonly size?: number
  readonly signal?: AbortSignal
  /**
   * The bytes go to another program as they are read, which has work of its own with them. The reader is done with a
   * chunk when it asks for the next one, which may lie in the same memory. Default false.
   */
  readonly transfer?: boolean
}

/** Bytes named by their digest. Written once, verified on every whole read. */
export interface BlobStore extends AsyncDisposable {
  /** Absent is not an error. Does not read the content. */
  stat(digest: Digest): Promise<BlobInfo | undefined>

  /**
   * The whole content, in chunks that belong to the reader until the next one is asked for, and are not written over
   * then unless that was asked for with `transfer`. Size and digest are
   * checked as the bytes pass; the last step throws E_STORE_CORRUPT on a mismatch, and the blob is set aside.
   * @throws E_BLOB_MISSING
   */
  read(digest: Digest, options?: ReadOptions): AsyncIterable<Uint8Array>

  /** A blob that is small by nature (manifest, config), verified. @throws E_BLOB_MISSING, E_LIMIT above `limit` bytes. */
  readAll(digest: Digest, limit: number): Promise<Uint8Array>

  /**
   * Reads the blob from end to end, unless this store has read or written all of it before. To be called before
   * parts of it are read. @throws as `read`
   */
  check(digest: Digest, options?: Pick<ReadOptions, 'signal'>): Promise<void>

  /**
   * Random access for reading parts of an uncompressed layer. Ranges cannot be verified: see
   * `check`. @throws E_BLOB_MISSING
   */
  openRange(digest: Digest): Promise<BlobRange>

  /** A hint that much will soon be written: what takes its time to start is started. Idempotent. */
  prepare?(): void

  /** Begins a blob. Nothing is visible until `commit`. */
  writer(options?: WriterOptions): Promise<BlobWriter>

  /** Writes small content at once. Idempotent. */
  put(bytes: Uint8Array): Promise<BlobInfo>

  list(): AsyncIterable<BlobInfo>

  /** Idempotent: true when it was there. */
  remove(digest: Digest): Promise<boolean>
}

export interface WriterOptions {
  /** When known: a mismatch fails `commit` with E_DIGEST_MISMATCH or E_SIZE_MISMATCH and nothing becomes visible. */
  readonly expect?: { readonly digest?: Digest; readonly size?: number }
  /**
   * For content that can be had again from any byte on, with digest and size in `expect`: disposed without `commit`,
   * the writer leaves what it has for a later one, in this process or another; that one begins with `written` bytes.
   * Nothing of it is visible, the digest of the whole is checked as ever, and a failed `commit` leaves nothing.
   * A store need not do so. Default false.
   */
  readonly resumable?: boolean
  readonly signal?: AbortSignal
  /** The bytes come from another program, which has work of its own with them. Changes nothing but the speed. */
  readonly transfer?: boolean
}

/** Disposed without `commit` = aborted: nothing is left behind, unless it is resumable. */
export interface BlobWriter extends AsyncDisposable {
  /**
   * Takes the chunk over: one that spans its whole ArrayBuffer is not copied, and its buffer may be detached; a view
   * of something larger, of a pool or of shared memory is copied. Resolves when the next chunk is welcome.
   */
  write(chunk: Uint8Array): Promise<void>
  /** A buffer of 1 MiB that was taken over and is done with, to be filled and written again; undefined: there is none. */
  spare?(): ArrayBuffer | undefined
  /** Bytes taken so far, those of an earlier writer included where it is resumable. */
  readonly written: number
  /** Idempotent in effect: content that exists already succeeds, and `existed` says so. */
  commit(): Promise<BlobInfo & { readonly existed: boolean }>
}

export interface BlobRange extends AsyncDisposable {
  readonly size: number
  /** Exactly `length` bytes at `offset`; a range past the end is E_RANGE. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** As `read`, without waiting: for many small ranges. */
  readSync(offset: number, target: Uint8Array): void
}
