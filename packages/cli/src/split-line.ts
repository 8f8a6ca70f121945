import type { FlagSpec } from './flags/spec.js'

export interface SplitLine {
  /** Absent when there are only flags. */
  readonly name?: string
  /** Everything else, in order: shared flags may stand before the command's name. */
  readonly args: readonly string[]
}

/** Finds the command's name: the first argument that is neither a flag nor the value of a shared flag. */
export function splitLine(args: readonly string[], shared: readonly FlagSpec[]): SplitLine {
  const takesValue = new Set(
    shared.filter((flag) => flag.kind !== 'boolean').flatMap((flag) => [`--${flag.name}`, `-${flag.short}`]),
  )
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!
    if (takesValue.has(arg)) index++
    else if (!arg.startsWith('-')) return { name: arg, args: args.toSpliced(index, 1) }
  }
  return { args }
}
