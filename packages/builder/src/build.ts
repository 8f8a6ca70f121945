import type { BuildOptions, BuildResult } from './build-options.js'
import { EventQueue } from './event-queue.js'
import type { BuildEvent } from './events.js'
import { runBuild } from './run-build.js'

/**
 * A build under way: a promise of its result and an async iterable of its events. A build that fails ends both with the
 * same error. The events go to one reader at a time, else E_EVENTS_TAKEN. Leaving the scope of an `await using` before
 * the end aborts the build; nothing half-written stays visible.
 */
export interface BuildHandle extends Promise<BuildResult>, AsyncIterable<BuildEvent>, AsyncDisposable {
  /** Stops the build; the promise then rejects with the reason. */
  abort(reason?: unknown): void
}

/**
 * Builds an image from a Dockerfile: into the store, under the tags given, and to the outputs asked for. Starts at
 * once; events wait until somebody iterates, and a slow reader of events never holds the build up.
 *
 * The promise rejects with a `CooperageError` for everything that is foreseen, `E_DF_…` for the Dockerfile,
 * `E_CTX_…` for the context, `E_STORE_…` and `E_NO_SPACE` for the store, and with the abort reason when aborted.
 */
export function build(options: BuildOptions): BuildHandle {
  const controller = new AbortController()
  const signal =
    options.signal === undefined ? controller.signal : AbortSignal.any([options.signal, controller.signal])
  const events = new EventQueue<BuildEvent>()
  const result = runBuild(options, { signal, emit: (event) => events.push(event) })
  // Whoever only iterates learns of a failure there; the rejection is still there for whoever awaits.
  result.then(
    () => events.end(),
    (error: unknown) => events.end({ failure: { error } }),
  )
  return Object.assign(result, {
    abort: (reason?: unknown) => controller.abort(reason),
    [Symbol.asyncIterator]: () => events.iterate(),
    async [Symbol.asyncDispose]() {
      controller.abort()
      await result.catch(() => {})
    },
  })
}
