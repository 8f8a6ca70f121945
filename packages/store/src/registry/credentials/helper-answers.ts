import type { Credential } from '../credential.js'
import { abortable } from '../transport/abortable.js'
import { askHelper, type HelperCall, type HelperOptions } from './credential-helper.js'

interface Question {
  readonly at: number
  readonly answer: Promise<Credential | undefined>
  readonly controller: AbortController
  /** How many wait for the answer. */
  waiting: number
}

/** A helper is not asked again within this time, as some talk to servers of their own. Milliseconds. */
const REMEMBERED = 60_000

/**
 * Answers of helper programs. Whoever asks for the same meanwhile waits for the same program; it is ended when nobody
 * waits any more. A failure is not remembered: it may be mended.
 */
export class HelperAnswers {
  readonly #options: Omit<HelperOptions, 'signal'>
  readonly #questions = new Map<string, Question>()

  constructor(options: Omit<HelperOptions, 'signal'>) {
    this.#options = options
  }

  /** @throws as `askHelper`, and the abort reason */
  async ask(call: HelperCall, signal: AbortSignal | undefined): Promise<Credential | undefined> {
    signal?.throwIfAborted()
    const key = `${call.name} ${call.server}`
    const known = this.#questions.get(key)
    const isFresh = known !== undefined && performance.now() - known.at < REMEMBERED
    const question = isFresh ? known : this.#begin(key, call)
    question.waiting++
    try {
      return await abortable(question.answer, signal)
    } finally {
      if (--question.waiting === 0 && signal?.aborted === true) {
        this.#forget(key, question)
        question.controller.abort(signal.reason)
      }
    }
  }

  #begin(key: string, call: HelperCall): Question {
    const controller = new AbortController()
    const answer = askHelper(call, { ...this.#options, signal: controller.signal })
    const question = { at: performance.now(), answer, controller, waiting: 0 }
    this.#questions.set(key, question)
    answer.catch(() => this.#forget(key, question))
    return question
  }

  #forget(key: string, question: Question): void {
    if (this.#questions.get(key) === question) this.#questions.delete(key)
  }
}
