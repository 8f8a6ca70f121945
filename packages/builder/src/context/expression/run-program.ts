import { type Program, type Step, setHolds } from './program.js'

/**
 * Whether the program matches anywhere in the code points, by following all its threads at once: time is at most the product of
 * the lengths of program and input, whatever the pattern, so no ignore file can stall a build.
 */
export function runProgram(program: Program, input: readonly number[]): boolean {
  let current: number[] = []
  let following: number[] = []
  const seenAt = new Int32Array(program.length + 1).fill(-1)
  const pending: number[] = []
  let matched = false
  // An alternative after a `|` may begin anywhere.
  const anchored = program[0]?.kind === 'begin'

  const follow = (start: number, at: number, threads: number[]) => {
    pending.push(start)
    while (pending.length > 0) {
      const position = pending.pop()!
      if (seenAt[position] === at) continue
      seenAt[position] = at
      const step = program[position]
      if (step === undefined) matched = true
      else if (step.kind === 'set') threads.push(position)
      else if (step.kind === 'jump') pending.push(position + step.target)
      else if (step.kind === 'split') pending.push(position + step.target, position + 1)
      else if (holds(step, input, at)) pending.push(position + 1)
    }
  }

  follow(0, 0, current)
  for (let at = 0; at < input.length; at++) {
    if (matched) return true
    if (!anchored) follow(0, at, current)
    if (current.length === 0 && anchored) return false
    following.length = 0
    for (const position of current) {
      if (setHolds(program[position] as Step & { kind: 'set' }, input[at]!))
        follow(position + 1, at + 1, following)
    }
    ;[current, following] = [following, current]
  }
  if (!anchored) follow(0, input.length, current)
  return matched
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
