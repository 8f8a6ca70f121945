import { type Platform, requireZstd } from '@cooperage/store'
import type { RegistryOpener } from '../../base/registry-opener.js'
import type { BuildOptions } from '../../build-options.js'
import type { BuildEvent } from '../../events.js'
import type { StepEnvironment } from '../../execute/step-environment.js'
import type { BuiltImage } from '../../image/assemble-image.js'
import type { CacheTarget } from './cache-option.js'
import { cachePlace } from './cache-places.js'
import { carryCache } from './carry-cache.js'
import { InsecureRegistries } from './insecure-registries.js'
import { SharedCaches } from './shared-caches.js'
import { writeCaches } from './write-caches.js'

interface Wires {
  readonly registry: RegistryOpener | undefined
  readonly platform: Platform
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

/** What one build has to do with shared caches. */
export interface BuildCaches extends AsyncDisposable {
  /** Absent when none is read or written. */
  readonly shared?: SharedCaches
  /** The image with its cache in it, where that was asked for. */
  carry(image: BuiltImage): BuiltImage
  /** Writes the caches asked for. */
  write(images: readonly BuiltImage[], environment: StepEnvironment): Promise<void>
}

/** @throws E_NO_REGISTRY, E_COMPRESSION_UNSUPPORTED before any step is run */
export function buildCaches(options: BuildOptions, wires: Wires): BuildCaches {
  const { store, cacheFrom = [] } = options
  const targets = targetsOf(options)
  if (cacheFrom.length === 0 && targets.length === 0)
    return { carry: (image) => image, write: async () => {}, [Symbol.asyncDispose]: async () => {} }
  const insecure = new InsecureRegistries()
  const place = { insecure, store, registry: wires.registry, platform: wires.platform }
  const shared = new SharedCaches(
    cacheFrom.map((source) => ({ place: cachePlace(source, place), mounts: source.mounts === true })),
    { store, signal: wires.signal, emit: wires.emit },
  )
  for (const target of targets) {
    if (target.kind === 'inline') continue
    cachePlace(target, place)
    if (target.compression === 'zstd') requireZstd()
  }
  const isCarried = targets.some(({ kind }) => kind === 'inline')
  return {
    shared,
    carry: (image) => (isCarried ? carryCache(image, shared.steps()) : image),
    write: (images, environment) =>
      writeCaches(targets, environment, { images, place: (target) => cachePlace(target, place) }),
    [Symbol.asyncDispose]: () => insecure[Symbol.asyncDispose](),
  }
}

/** The build argument is BuildKit's, for frontends that know no flag. */
function targetsOf({ cacheTo = [], buildArgs = {} }: BuildOptions): readonly CacheTarget[] {
  return /^(?:1|t|true)$/i.test(buildArgs.BUILDKIT_INLINE_CACHE ?? '')
    ? [...cacheTo, { kind: 'inline' }]
    : cacheTo
}
