import type { BuildEvent } from '@cooperage/builder'
import type { ProgressView } from './progress.js'

/** Shows nothing of the progress: an error is reported by whoever runs the build. */
export function quietView(): ProgressView {
  return {
    event(_event: BuildEvent): void {},
    end(): void {},
  }
}
