import type { EndpointTls } from '../registry/endpoint.js'

/** One request. Nothing is added to it but what HTTP itself needs; no redirect is followed. */
export interface TransportRequest {
  readonly method: string
  /** Without user and password. */
  readonly url: URL
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** Bytes, or a stream of exactly as many as `content-length` says. A stream is begun once, and ended early on failure. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  readonly tls?: EndpointTls
  /** How many times longer than usual the head of the answer may take. Default 1. */
  readonly patience?: number
  /** The body of the answer is likely large, and is read as is said there. Default: it is not. */
  readonly bulk?: BulkReading
  readonly signal?: AbortSignal
}

/**
 * Whoever reads a large body has one piece at a time: a piece may be written over as soon as the next one is asked for,
 * but for one that spans its whole ArrayBuffer, which is the reader's.
 */
export interface BulkReading {
  /** Asked for a buffer of 1 MiB that is no longer needed: a new one is dear. */
  readonly spare?: () => ArrayBuffer | undefined
}

/** The head of an answer. Whoever gets it reads the body to its end or calls `discard`. */
export interface TransportResponse {
  readonly status: number
  /** Names in small letters; a header that came several times is joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * The body as it came, undecoded; may be read once. Leaving the loop early closes the connection.
   * @throws TransportFailure of phase `body` when it ends too early or nothing comes for too long
   */
  readonly body: AsyncIterable<Uint8Array>
  /** Drops what is left of the body. Idempotent. */
  discard(): void
}

/** Sends requests. Safe for any number at once; disposing it closes connections that are kept for reuse. */
export interface Transport extends AsyncDisposable {
  /** Resolves with the head, whatever the status. @throws TransportFailure; the abort reason when aborted */
  send(request: TransportRequest): Promise<TransportResponse>
  /**
   * True: it has done with a chunk of a request's body when it asks for the next one, which may then lie in the same
   * memory; nothing is copied or kept for it, and it takes no buffer over. Default false: chunks are its own.
   */
  readonly waitsForChunks?: boolean
}

/** What kept a request from its answer. `protocol`: the other side does not speak HTTP. */
export type FailureKind = 'dns' | 'connect' | 'tls' | 'proxy' | 'timeout' | 'reset' | 'protocol'

/** Where it was: finding and joining the server, sending, waiting for the head, receiving the body. */
export type TransportPhase = 'connect' | 'send' | 'head' | 'body'
