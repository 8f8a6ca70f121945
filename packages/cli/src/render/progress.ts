import type { BuildEvent } from '@cooperage/builder'

/** Shows one build. Takes events as they come; never throws because of what they say. */
export interface ProgressView {
  event(event: BuildEvent): void
  /** Leaves the screen to somebody else until the next event. */
  rest?(): void
  /** After the last event: brings the screen into its final state. Idempotent. */
  end(outcome: 'done' | 'failed'): void
}
