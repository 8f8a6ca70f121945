/** Takes the bytes of a layer; a `BlobWriter` is one. */
export interface LayerSink {
  /** Takes the chunk over: its buffer may be detached. */
  write(chunk: Uint8Array): Promise<void>
  /** A buffer of 1 MiB that was taken over and is done with; undefined: there is none. */
  spare?(): ArrayBuffer | undefined
}
