import type { CallOptions } from '../client.js'
import type { OnRegistryEvent, RegistryEvent } from '../events.js'
import { escapeText } from './escape-text.js'
import type { Redact } from './redact.js'

const WARNINGS_SHOWN = 20

/** What belongs to one call of a client: who is told, what ends it, and which servers have failed it. */
export class Call {
  readonly signal: AbortSignal | undefined
  readonly #onEvent: OnRegistryEvent | undefined
  /** Origins of mirrors that were of no use in this call; they are not asked again. */
  readonly lost: Set<string>
  readonly #warnings: Set<string>

  constructor(options: CallOptions = {}, above?: Call) {
    this.signal = options.signal
    this.#onEvent = options.onEvent
    this.lost = above?.lost ?? new Set()
    this.#warnings = above === undefined ? new Set() : above.#warnings
  }

  /** The same call, for a part of its work that ends by its own signal. */
  withSignal(signal: AbortSignal | undefined): Call {
    return new Call({ ...(signal && { signal }), ...(this.#onEvent && { onEvent: this.#onEvent }) }, this)
  }

  emit(event: RegistryEvent): void {
    this.#onEvent?.(event)
  }

  /** distribution-spec, "Warnings": `299 - "text"`, each text once. */
  warn(host: string, header: string | undefined, redact: Redact): void {
    for (const [, text] of (header ?? '').matchAll(/299 [^ "]+ "((?:[^"\\]|\\.)*)"/g)) {
      const message = escapeText(redact(text!.replace(/\\(.)/g, '$1')))
      if (this.#warnings.has(message) || this.#warnings.size >= WARNINGS_SHOWN) continue
      this.#warnings.add(message)
      this.emit({ kind: 'warning', host, message })
    }
  }
}
