import type { Platform } from '@cooperage/store'
import type { Command, Dockerfile, Stage } from '../instructions/commands.js'
import type { Checks } from '../lint/checks.js'
import type { EpochSource } from './epoch-source.js'
import type { Expander } from './expander.js'
import type { NamedContext } from './named-context.js'
import type { NamedContextKind } from './plan-options.js'
import type { SourceArgs } from './source-args.js'

/** Where a stage starts. */
export type BaseReference =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'namedContext'; readonly context: NamedContext }

/** Where COPY or a mount takes files from. */
export type SourceReference = BaseReference

/** A stage with its FROM evaluated. */
export interface StageNode {
  readonly index: number
  readonly stage: Stage
  /** FROM with its variables replaced. */
  readonly baseName: string
  readonly base: BaseReference
  /** `--platform` of FROM. */
  readonly platform?: Platform
  /** A named context of the stage's name stands in for the whole stage: its commands are not run. */
  readonly replaced: boolean
  /** Name for messages: `stage-0` when it has none. */
  readonly shownName: string
}

/** All that is known of a build before an image is looked at. */
export interface StageGraph {
  readonly dockerfile: Dockerfile
  readonly nodes: readonly StageNode[]
  readonly target: number
  /** Stages by name, lower case; of two with one name, the later. */
  readonly byName: ReadonlyMap<string, number>
  readonly globalArgs: ReadonlyMap<string, string>
  readonly buildArgs: ReadonlyMap<string, string>
  readonly namedContexts: ReadonlyMap<string, NamedContextKind>
  /** Given, or that of the machine. */
  readonly platform: Platform
  /** True when nobody asked for a platform. */
  readonly platformIsImplicit: boolean
  readonly expander: Expander
  readonly epoch: EpochSource
  readonly checks?: Checks
  /** What each COPY and mount with a `from` takes: by the command, then by the text of `from`. */
  readonly sources: ReadonlyMap<Command, ReadonlyMap<string, SourceReference>>
  /** What `--from` may use after all commands of a stage, by its number: triggers of that stage start with it. */
  readonly argsAfter: ReadonlyMap<number, SourceArgs>
}
