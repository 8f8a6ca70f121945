import type { BuildEvent, BuildLog, BuildProgress, StepId } from '@cooperage/builder'

/** What is known of one step. Times are milliseconds since 1970. */
export interface StepState {
  readonly id: StepId
  /** Counted from 1, in the order in which steps began. */
  readonly number: number
  readonly name: string
  readonly inputs: readonly StepId[]
  readonly started: number
  ended?: number
  outcome?: 'done' | 'cached' | 'failed' | 'canceled'
  error?: string
  /** The newest state of each thing that is counted, in the order in which they began. */
  readonly progress: Map<string, BuildProgress & { readonly since: number }>
  /** The last lines that a process of the step wrote. */
  readonly tail: string[]
}

const TAIL = 6

/** The state of a build as far as its events have told it. */
export class StepBoard {
  readonly #steps = new Map<StepId, StepState>()

  get steps(): Iterable<StepState> {
    return this.#steps.values()
  }

  get total(): number {
    return this.#steps.size
  }

  get finished(): number {
    return [...this.#steps.values()].filter((step) => step.ended !== undefined).length
  }

  step(id: StepId): StepState | undefined {
    return this.#steps.get(id)
  }

  /** Takes an event in and answers with the step it belongs to, if it is known. */
  take(event: BuildEvent): StepState | undefined {
    if (event.type === 'warning') return undefined
    if (event.type === 'step.start') {
      const step: StepState = {
        id: event.step,
        number: this.#steps.size + 1,
        name: event.name,
        inputs: event.inputs,
        started: event.at,
        progress: new Map(),
        tail: [],
      }
      this.#steps.set(event.step, step)
      return step
    }
    const step = this.#steps.get(event.step)
    if (!step) return undefined
    if (event.type === 'step.end') {
      step.ended = event.at
      step.outcome = event.outcome
      if (event.error !== undefined) step.error = event.error
    }
    if (event.type === 'progress') {
      step.progress.set(event.id, { ...event, since: step.progress.get(event.id)?.since ?? event.at })
    }
    if (event.type === 'log') keepTail(step.tail, event)
    return step
  }
}

function keepTail(tail: string[], event: BuildLog): void {
  tail.push(...event.data.split('\n').filter((line) => line !== ''))
  tail.splice(0, Math.max(0, tail.length - TAIL))
}
