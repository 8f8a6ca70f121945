import type { FlagValues } from './flags/parse.js'
import type { Settings } from './settings/settings.js'

/** One run of one command: what was asked, and the world it may touch. */
export interface Invocation {
  readonly flags: FlagValues
  readonly operands: readonly string[]
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C, SIGTERM, or a reader of stdout that went away. */
  readonly signal: AbortSignal
  /** Where the store is and how builds run; read from flags, environment and configuration when first asked for. */
  settings(): Promise<Settings>
}

/** Where a command may write and read. Nothing else in the program touches the process's streams. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** The answer of a command. Resolves when the bytes are handed over. */
  print(text: string): Promise<void>
  /** What is said beside the answer: progress, notes, warnings. */
  say(text: string): void
}
