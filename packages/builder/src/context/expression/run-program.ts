import { type Program, type Step, setHolds } from './program.js'

/**
 * Runs one program on many inputs, following all its threads at once: time is at most the product of the lengths of
 * program and input, whatever the pattern, so no ignore file can stall a build.
 */
export class ProgramRunner {
  readonly #program: Program
  /** An alternative after a `|` may begin anywhere; all else is anchored. */
  readonly #isAnchored: boolean
  readonly #seenAt: Int32Array
  readonly #pending: number[] = []
  #current: number[] = []
  #following: number[] = []
  #matched = false

  constructor(program: Program) {
    this.#program = program
    this.#isAnchored = program[0]?.kind === 'begin'
    this.#seenAt = new Int32Array(program.length + 1)
  }

  /** Whether the program matches anywhere in the code points. */
  matches(input: readonly number[]): boolean {
    this.#seenAt.fill(-1)
    this.#matched = false
    this.#following.length = 0
    this.#follow(0, input, 0)
    ;[this.#current, this.#following] = [this.#following, this.#current]
    for (let at = 0; at < input.length && !this.#matched; at++) {
      if (this.#current.length === 0 && this.#isAnchored) return false
      this.#following.length = 0
      const rune = input[at]!
      for (const position of this.#current) {
        if (setHolds(this.#program[position] as Step & { kind: 'set' }, rune))
          this.#follow(position + 1, input, at + 1)
      }
      if (!this.#isAnchored) this.#follow(0, input, at + 1)
      ;[this.#current, this.#following] = [this.#following, this.#current]
    }
    return this.#matched
  }

  /** Adds the steps that can be reached from `start` without taking a code point. */
  #follow(start: number, input: readonly number[], at: number): void {
    const pending = this.#pending
    pending.push(start)
    while (pending.length > 0) {
      const position = pending.pop()!
      if (this.#seenAt[position] === at) continue
      this.#seenAt[position] = at
      const step = this.#program[position]
      if (step === undefined) this.#matched = true
      else if (step.kind === 'set') this.#following.push(position)
      else if (step.kind === 'jump') pending.push(position + step.target)
      else if (step.kind === 'split') pending.push(position + step.target, position + 1)
      else if (holds(step, input, at)) pending.push(position + 1)
    }
  }
}

function holds(step: Step, input: readonly number[], at: number): boolean {
  if (step.kind === 'begin') return at === 0
  if (step.kind === 'end') return at === input.length
  const boundary = isWord(input[at - 1]) !== isWord(input[at])
  return step.kind === 'wordBoundary' ? boundary : !boundary
}

function isWord(rune: number | undefined): boolean {
  return rune !== undefined && rune < 0x80 && /\w/.test(String.fromCharCode(rune))
}
