import { shownUrl } from './shown-url.js'
import type { FailureKind, TransportPhase } from './transport.js'

interface FailureDetails {
  readonly url: URL
  readonly phase: TransportPhase
  /** For a person, without the URL. */
  readonly message: string
  readonly cause?: unknown
}

/** Why a request got no answer, or half of one. Callers make of it the error of their own room. */
export class TransportFailure extends Error {
  readonly kind: FailureKind
  readonly phase: TransportPhase
  /** Without user, password and query. */
  readonly url: string

  constructor(kind: FailureKind, details: FailureDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TransportFailure'
    this.kind = kind
    this.phase = details.phase
    this.url = shownUrl(details.url)
  }
}
