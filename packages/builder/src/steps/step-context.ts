import type { SourceLocation } from '@cooperage/store'
import type { CopySource } from '../plan/plan.js'
import type { ArgInScope, PlainConfig } from './effect.js'

/** What an instruction has declared before the word that is expanded. */
export interface LineScope {
  /** Laid over those of the stage. */
  readonly variables: ReadonlyMap<string, string>
  readonly args: readonly ArgInScope[]
}

/** What a step may know of its stage and of the build. */
export interface StepContext {
  readonly config: Readonly<PlainConfig>
  /** ENV and ARG as words see them now. */
  readonly variables: ReadonlyMap<string, string>
  readonly args: readonly ArgInScope[]
  /** True when this very stage has a CMD. */
  readonly cmdSet: boolean
  /** `linux`, `windows`: chooses the default shell. */
  readonly os: string
  /** Absolute and clean. */
  readonly workdir: string
  readonly location: SourceLocation
  readonly buildArgs: ReadonlyMap<string, string>
  /** Global ARGs and the predefined ones, with their values. */
  readonly globalArgs: ReadonlyMap<string, string>
  /** Expands one word; quotes are removed. `line` is what the line itself has declared so far. */
  readonly word: (text: string, line?: LineScope) => string
  /** Expands, then splits into words. */
  readonly words: (text: string) => readonly string[]
  /** Expands the body of a here-document: quotes stay. */
  readonly document: (text: string) => string
  /** Resolves `--from` and `from=` of this instruction. */
  readonly source: (from: string) => CopySource
}
