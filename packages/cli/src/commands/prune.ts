import { type PruneOptions, type PruneReport, refuseDamagedNames, type Store } from '@cooperage/store'
import type { FlagValues } from '../flags/parse.js'
import { parseSpan } from '../flags/span.js'
import { forgetUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { renderPrune } from '../render/prune.js'
import { withStore } from '../with-store.js'

// As the store's own: an image may be on its way from a build to its name.
const DEFAULT_GRACE = 3_600_000

/** `cooper prune`: asks no question; --dry-run is for whoever wants to look first. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, terminal, signal } = invocation
  const { treeRemover } = await import('@cooperage/builder')
  const report = await withStore(invocation, (store) =>
    pruneStore(store, { ...pruneOptions(flags), removeTree: treeRemover(store), signal }),
  )
  const text =
    flags.text('format') === 'json' ? `${JSON.stringify(report)}\n` : renderPrune(report, flags.on('dry-run'))
  await terminal.print(text)
}

/** What the store removed, and how many images without a name were forgotten before. */
export interface PruneAnswer extends PruneReport {
  readonly images: number
}

/** Forgets unnamed images, then removes what nothing needs. A dry run counts what those images hold as kept. */
export async function pruneStore(store: Store, options: PruneOptions): Promise<PruneAnswer> {
  const { grace = DEFAULT_GRACE, dryRun = false } = options
  await refuseDamagedNames(store.refs)
  const images = await forgetUnnamed(store, { grace, dryRun })
  return { images, ...(await store.prune(options)) }
}

function pruneOptions(flags: FlagValues): Omit<PruneOptions, 'signal'> {
  const grace = flags.text('grace')
  const unusedFor = flags.text('unused-for')
  return {
    dryRun: flags.on('dry-run'),
    exclusive: flags.on('exclusive'),
    ...(grace === undefined ? {} : { grace: parseSpan('grace', grace) }),
    ...(unusedFor === undefined ? {} : { unusedFor: parseSpan('unused-for', unusedFor) }),
  }
}
