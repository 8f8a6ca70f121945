import type { ImageConfig, Platform, SourceLocation } from '@cooperage/store'

// The plan of a build: every instruction evaluated, nothing executed. Only file operations are left to do.

export interface Plan {
  /** All stages of the Dockerfile by index; those that the target does not need are absent. */
  readonly stages: ReadonlyMap<number, PlannedStage>
  readonly target: number
  /** What the image is for. */
  readonly platform: Platform
  readonly warnings: readonly PlanWarning[]
  /** SOURCE_DATE_EPOCH of the build arguments or of a global ARG, when it is a time: seconds since 1970. */
  readonly sourceDateEpoch?: number
}

export interface PlanWarning {
  /** A rule of BuildKit's checks, or one of ours. */
  readonly rule: string
  readonly message: string
  readonly location?: SourceLocation
}

export interface PlannedStage {
  readonly index: number
  /** Empty when unnamed. */
  readonly name: string
  readonly base: StageBase
  readonly platform: Platform
  readonly operations: readonly Operation[]
  /** For each operation, its instruction with the words replaced, as BuildKit calls it. */
  readonly vertices: readonly string[]
  readonly counted: StepCount
  /** For each operation, what progress calls its platform: `linux/amd64`, `linux/amd64->arm64`. */
  readonly platformLabels: readonly string[]
  /** All but `created`, `history` and `rootfs`, which the execution fills in. */
  readonly config: Omit<ImageConfig, 'created' | 'history' | 'rootfs'>
  /** Own history, oldest first; the base's comes before it. */
  readonly history: readonly PlannedHistory[]
  /** Stages that must be executed before this one: its base and the sources of its operations. */
  readonly needs: readonly number[]
}

/** How BuildKit counts the steps of a stage. */
export interface StepCount {
  /** The stage's name in front of the number; empty when the build has no other. */
  readonly stage: string
  /** The number of the first operation. */
  readonly first: number
  readonly total: number
}

export type StageBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  /** `image` is the key that the resolver of base images returned. */
  | { readonly kind: 'image'; readonly image: BaseImage }

/** A base image as the plan needs it; `id` lets the execution find its layers again. */
export interface BaseImage {
  readonly id: string
  readonly config: ImageConfig
  /** The full reference with its digest. */
  readonly pulledFrom?: string
  /** Nobody knows the image, and `config` is a guess: for checks, which do without images. */
  readonly assumed?: boolean
}

export interface PlannedHistory {
  readonly createdBy: string
  /** Index in `operations` of the one that makes this entry's layer; absent = `empty_layer`. */
  readonly operation?: number
}

export type Operation =
  | ContextOperation
  | CopyOperation
  | MakeDirectoryOperation
  | AddRemoteOperation
  | RunOperation

interface OperationBase {
  /** The instruction as a person reads it in progress: `COPY a b /dst`. */
  readonly text: string
  readonly location: SourceLocation
}

/** FROM a named context that is a directory: the first of its stage, and no entry of the history speaks of it. */
export interface ContextOperation extends OperationBase {
  readonly kind: 'context'
  readonly name: string
}

/** WORKDIR: makes the directory and its missing parents; a directory that is there stays as it is. */
export interface MakeDirectoryOperation extends OperationBase {
  readonly kind: 'mkdir'
  /** Absolute and clean. */
  readonly path: string
  /** `user[:group]` as USER says; names are looked up in the stage's tree. Empty = 0:0. */
  readonly owner: string
}

export interface CopyOperation extends OperationBase {
  readonly kind: 'copy'
  readonly from: CopySource
  /** Expanded, not cleaned. */
  readonly sources: readonly string[]
  /** Here-documents: files made of text. `name` is used when the destination is a directory. */
  readonly inline: readonly InlineFile[]
  /** Absolute; keeps a trailing `/` or `/.` when one was written. */
  readonly destination: string
  /** Expanded, empty when not given. */
  readonly chown: string
  readonly chmod: string
  readonly link: boolean
  readonly parents: boolean
  readonly excludes: readonly string[]
  /** ADD: archives of the context are unpacked. */
  readonly unpack: boolean
}

/** ADD with URLs or git repositories among its sources; the others are paths of the context. */
export interface AddRemoteOperation extends Omit<CopyOperation, 'kind' | 'from' | 'unpack'> {
  readonly kind: 'add-remote'
  /** Absent: archives of the context are unpacked, downloads are not. */
  readonly unpack?: boolean
  /** Of the only source: `sha256:…`, or the beginning of a commit's name. Empty when not given. */
  readonly checksum: string
  readonly keepGitDir: boolean
}

/** RUN: the one operation that needs a process, and so a real directory for it. */
export interface RunOperation extends OperationBase {
  readonly kind: 'run'
  /** The whole command line, the shell included. */
  readonly args: readonly string[]
  /** `NAME=value`: the environment of the image with the build arguments in scope. */
  readonly env: readonly string[]
  /** Proxy variables from build arguments, given to the process and kept out of every key and history. */
  readonly proxyEnv: readonly string[]
  /** Empty = root. */
  readonly user: string
  readonly workdir: string
  readonly mounts: readonly RunMount[]
  /** A here-document that starts with `#!`: made executable, and shown at `/dev/pipes/<name>`. */
  readonly script?: InlineFile
  readonly network: string
  readonly security: string
  readonly devices: readonly string[]
}

/** `--mount` of RUN, expanded and checked. */
export interface RunMount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh'
  /** Absent: the build context for `bind`, nothing for the others. */
  readonly from?: CopySource
  readonly source: string
  /** Absolute for bind, cache and tmpfs; as written for secret and ssh, where empty means the default. */
  readonly target: string
  readonly readOnly: boolean
  readonly id: string
  readonly sharing?: 'shared' | 'private' | 'locked'
  readonly required: boolean
  /** Bytes, of a tmpfs. */
  readonly size?: number
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Name of the variable that receives a secret. */
  readonly env?: string
}

export interface InlineFile {
  readonly name: string
  readonly content: string
}

export type CopySource =
  | { readonly kind: 'context' }
  | { readonly kind: 'stage'; readonly stage: number }
  /** A named context that is a directory. */
  | { readonly kind: 'namedContext'; readonly name: string }
  | { readonly kind: 'image'; readonly image: BaseImage }
  /** `from=scratch`: an empty tree. */
  | { readonly kind: 'scratch' }
