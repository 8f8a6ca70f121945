/** What a case puts into its context beside what all have. */
export type ContextEntry =
  | string
  | Uint8Array
  | {
      readonly content?: string | Uint8Array
      /** Permission bits; default 0644, and 0755 for a directory. */
      readonly mode?: number
      /** Seconds since 1970, perhaps with a fraction; default OLD. */
      readonly mtime?: number
      /** A symbolic link to this target. */
      readonly link?: string
      /** Another name for this path of the context. */
      readonly hard?: string
      readonly directory?: true
      readonly fifo?: true
    }

export type Part = 'outcome' | 'layers' | 'config' | 'history' | 'manifest' | 'message' | 'excerpt'

/** One idea: a Dockerfile, and what beside the usual context it needs. */
export interface ParityCase {
  readonly name: string
  readonly dockerfile: string | Uint8Array
  readonly files?: Readonly<Record<string, ContextEntry>>
  readonly args?: readonly string[]
  readonly ignore?: string
  /** Writes a base image of its own into this folder, in place of the one that all cases share; answers where it lies. */
  readonly base?: (directory: string) => string
  /** What this machine must have: a Node that reads zstd, or zstd itself; containers made by root; a runtime that mounts control groups. */
  readonly needs?: 'zstd' | 'runtime' | 'cgroups'
  /** Seconds since 1970; default EPOCH. */
  readonly epoch?: number
  /** It has a RUN, so it stands on images with programs; their layers are not compared. */
  readonly runs?: true
  /** Where BuildKit 0.32 does something else than the BuildKit that was recorded: what is not compared, and why. */
  readonly apart?: { readonly parts: readonly Part[]; readonly why: string }
}

/** SOURCE_DATE_EPOCH of a case that says nothing else. */
export const EPOCH = 1_600_000_000
/** Files of the context are older than EPOCH, but for those that are named after being late. */
export const OLD = 1_500_000_000
export const LATE = 1_700_000_000
