import type { Digest, SourceLocation } from '@cooperage/store'

/** What happens in a build, as values that survive JSON. Times are milliseconds since 1970. */
export type BuildEvent =
  | BuildStepStart
  | BuildStepEnd
  | BuildProgress
  | BuildLog
  | BuildWarning
  | BuildOutputWritten

/** Names a step within one build: `context`, `stage-0/2`, `output-0`. */
export type StepId = string

export interface BuildStepStart {
  readonly type: 'step.start'
  readonly step: StepId
  /** `[build 2/5] COPY . /app`, `load build context`, `export docker archive`. */
  readonly name: string
  readonly inputs: readonly StepId[]
  readonly location?: SourceLocation
  readonly at: number
}

export interface BuildStepEnd {
  readonly type: 'step.end'
  readonly step: StepId
  readonly outcome: 'done' | 'cached' | 'failed' | 'canceled'
  /** diffID of the layer that the step made or found. */
  readonly diffId?: Digest
  /** The message, when it failed. */
  readonly error?: string
  readonly at: number
}

export interface BuildProgress {
  readonly type: 'progress'
  readonly step: StepId
  /** What is counted: `files`, `hashing`, `writing layer`. */
  readonly id: string
  readonly current: number
  readonly total?: number
  readonly unit: 'bytes' | 'files'
  readonly at: number
}

/** Output of a process that a step runs. `data` is text, cut at line ends where possible. */
export interface BuildLog {
  readonly type: 'log'
  readonly step: StepId
  readonly stream: 'stdout' | 'stderr'
  readonly data: string
  readonly at: number
}

export interface BuildWarning {
  readonly type: 'warning'
  readonly rule: string
  readonly message: string
  readonly location?: SourceLocation
  readonly at: number
}

export interface BuildOutputWritten {
  readonly type: 'output'
  readonly step: StepId
  /** `docker`, `oci`, `image`, `local`, `tar`. */
  readonly kind: string
  readonly destination: string
  readonly at: number
}
