// Typed commands: what an instruction says, words not yet expanded. No imports but types.

import type { Nanoseconds } from '@cooperage/store'

/** First and last line of an instruction, counted from 1. */
export interface LineRange {
  readonly line: number
  readonly endLine: number
}

interface Base {
  readonly range: LineRange
  /** The instruction as written, continuations joined: shown as the name of the step. */
  readonly text: string
  /** The keyword as written (case kept). */
  readonly keyword: string
  /** Comments since the instruction before it, without `#` and blanks around. */
  readonly comments: readonly string[]
}

export interface KeyValue {
  readonly key: string
  readonly value: string
  /** The old form `ENV key rest of line`. */
  readonly legacy: boolean
}

/** `[a, b]` (JSON) is `shell: false`; a shell form holds one string. */
export interface CommandLine {
  readonly shell: boolean
  readonly args: readonly string[]
  /** Bodies of here-documents (RUN only). */
  readonly heredocs: readonly Heredoc[]
}

export interface Heredoc {
  readonly name: string
  /** The body as written, with tabs; `chomp` says whether leading tabs are to go. */
  readonly content: string
  readonly expand: boolean
  readonly chomp: boolean
  readonly fileDescriptor: number
}

export interface EnvCommand extends Base {
  readonly kind: 'env'
  readonly pairs: readonly KeyValue[]
}
export interface LabelCommand extends Base {
  readonly kind: 'label'
  readonly pairs: readonly KeyValue[]
}
export interface ArgCommand extends Base {
  readonly kind: 'arg'
  readonly args: readonly ArgDeclaration[]
}
export interface ArgDeclaration {
  readonly key: string
  /** Absent when the argument has no default. */
  readonly value?: string
  /** The comment right above without the name that it starts with; empty when there is none. */
  readonly description: string
}
export interface MaintainerCommand extends Base {
  readonly kind: 'maintainer'
  readonly maintainer: string
}
export interface CopyCommand extends Base {
  readonly kind: 'copy'
  readonly sources: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: string
  readonly from?: string
  readonly chown: string
  readonly chmod: string
  readonly link: boolean
  readonly parents: boolean
  readonly excludes: readonly string[]
}
export interface AddCommand extends Base {
  readonly kind: 'add'
  readonly sources: readonly string[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: string
  readonly chown: string
  readonly chmod: string
  readonly link: boolean
  readonly excludes: readonly string[]
  readonly checksum: string
  readonly keepGitDir?: boolean
  readonly unpack?: boolean
}
export interface RunCommand extends Base {
  readonly kind: 'run'
  readonly command: CommandLine
  readonly mounts: readonly string[]
  readonly network: string
  readonly security: string
  readonly devices: readonly string[]
}
export interface CmdCommand extends Base {
  readonly kind: 'cmd'
  readonly command: CommandLine
}
export interface EntrypointCommand extends Base {
  readonly kind: 'entrypoint'
  readonly command: CommandLine
}
export interface ShellCommand extends Base {
  readonly kind: 'shell'
  readonly shell: readonly string[]
}
export interface WorkdirCommand extends Base {
  readonly kind: 'workdir'
  readonly path: string
}
export interface UserCommand extends Base {
  readonly kind: 'user'
  readonly user: string
}
export interface ExposeCommand extends Base {
  readonly kind: 'expose'
  readonly ports: readonly string[]
}
export interface VolumeCommand extends Base {
  readonly kind: 'volume'
  readonly volumes: readonly string[]
}
export interface StopsignalCommand extends Base {
  readonly kind: 'stopsignal'
  readonly signal: string
}
export interface HealthcheckCommand extends Base {
  readonly kind: 'healthcheck'
  /** Durations in nanoseconds; zero = not given. `test` is `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`. */
  readonly test: readonly string[]
  readonly interval: Nanoseconds
  readonly timeout: Nanoseconds
  readonly startPeriod: Nanoseconds
  readonly startInterval: Nanoseconds
  readonly retries: number
}
export interface OnbuildCommand extends Base {
  readonly kind: 'onbuild'
  /** The trigger as text, here-documents included; `parseTrigger` understands it when it fires. */
  readonly trigger: string
}

export type Command =
  | EnvCommand
  | LabelCommand
  | ArgCommand
  | MaintainerCommand
  | CopyCommand
  | AddCommand
  | RunCommand
  | CmdCommand
  | EntrypointCommand
  | ShellCommand
  | WorkdirCommand
  | UserCommand
  | ExposeCommand
  | VolumeCommand
  | StopsignalCommand
  | HealthcheckCommand
  | OnbuildCommand

/** FROM and what follows it. */
export interface Stage {
  /** Lower-cased, empty when unnamed. */
  readonly name: string
  /** As written. */
  readonly writtenName: string
  /** As written: an image, a stage or `scratch`, with variables. */
  readonly baseName: string
  readonly platform: string
  readonly range: LineRange
  readonly text: string
  readonly keyword: string
  /** Comments since the instruction before it, without `#` and blanks around. */
  readonly comments: readonly string[]
  /** The `AS` as written, empty without. */
  readonly asKeyword: string
  /** What the comment above says of the stage: the rest of the one that starts with its name, else empty. */
  readonly description: string
  readonly commands: readonly Command[]
}

/** A whole Dockerfile, understood but not evaluated. */
export interface Dockerfile {
  /** ARG before the first FROM. */
  readonly globalArgs: readonly ArgCommand[]
  readonly stages: readonly Stage[]
  readonly escape: string
  /** `# syntax=`: recorded and never run. */
  readonly syntax?: string
  /** `# check=` as written. */
  readonly check?: string
  /** Name of the file for messages. */
  readonly file: string
  /** Its lines without line ends, for excerpts; line 1 is at index 0. */
  readonly lines: readonly string[]
}
