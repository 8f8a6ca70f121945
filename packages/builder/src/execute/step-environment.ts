import type { Digest, OpenHostContent, Store } from '@cooperage/store'
import type { SharedCaches } from '../cache/shared/shared-caches.js'
import type { StepResult } from '../cache/step-cache.js'
import type { BuildEvent } from '../events.js'
import type { RemoteSources } from '../remote/remote-sources.js'
import type { RunSupport } from '../run/run-support.js'
import type { SshSource } from '../secrets/open-ssh.js'
import type { SecretSource } from '../secrets/secret-source.js'

/** What every step of one build is given. */
export interface StepEnvironment {
  readonly store: Store
  readonly openHost: OpenHostContent
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
  /** Seconds since 1970 from SOURCE_DATE_EPOCH: the time of everything that the build makes or copies. */
  readonly epoch: number | undefined
  /** The one moment of this build, in whole seconds since 1970: what a step touches gets it when no epoch is set. */
  readonly now: number
  readonly counters: BuildCounters
  readonly remotes: RemoteSources
  readonly run: RunSupport
  /** The RUNs that this build has begun, by the key of what they run on. */
  readonly running: Map<Digest, Promise<StepResult>>
  readonly secrets: SecretSource
  readonly ssh: SshSource
  /** Caches shared with other machines, when the build has any. */
  readonly shared?: SharedCaches
}

export interface BuildCounters {
  filesRead: number
  bytesRead: number
  steps: number
  cached: number
}
