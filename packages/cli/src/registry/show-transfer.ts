import { registryEvents } from '@cooperage/builder'
import type { OnRegistryEvent } from '@cooperage/store/registry'
import type { Invocation } from '../invocation.js'
import { chooseView } from '../render/choose-view.js'
import type { ProgressView } from '../render/progress.js'

/** Steps of one command that are shown while they work. */
export interface Transfers {
  /** One transfer, with its name; what it tells is shown as it goes. */
  run<T>(name: string, work: (onEvent: OnRegistryEvent) => Promise<T>): Promise<T>
}

/**
 * Shows transfers in the manner of a build: a live list on a terminal, plain lines elsewhere, nothing with `--quiet`
 * but warnings.
 */
export async function showTransfers<T>(
  invocation: Invocation,
  heading: string,
  use: (transfers: Transfers) => Promise<T>,
): Promise<T> {
  const { flags, terminal, env, signal } = invocation
  const mode = flags.on('quiet') ? 'quiet' : (await invocation.settings()).progress
  const view = await chooseView(mode, terminal, { env, heading })
  let count = 0
  const transfers: Transfers = {
    async run(name, work) {
      const step = `transfer-${count++}`
      view.event({ type: 'step.start', step, name, inputs: [], at: Date.now() })
      try {
        const result = await work(registryEvents(step, (event) => view.event(event)))
        view.event({ type: 'step.end', step, outcome: 'done', at: Date.now() })
        return result
      } catch (error) {
        fail(view, step, { error, canceled: signal.aborted })
        throw error
      }
    },
  }
  try {
    const result = await use(transfers)
    view.end('done')
    return result
  } catch (error) {
    view.end('failed')
    throw error
  }
}

function fail(
  view: ProgressView,
  step: string,
  why: { readonly error: unknown; readonly canceled: boolean },
): void {
  const at = Date.now()
  if (why.canceled) view.event({ type: 'step.end', step, outcome: 'canceled', at })
  else {
    const error = why.error instanceof Error ? why.error.message : String(why.error)
    view.event({ type: 'step.end', step, outcome: 'failed', error, at })
  }
}
