import type { PruneOptions, PruneReport } from '@cooperage/store'
import type { FlagValues } from '../flags/parse.js'
import { parseSpan } from '../flags/span.js'
import type { Invocation } from '../invocation.js'
import { renderPrune } from '../render/prune.js'
import { withStore } from '../with-store.js'

/** `cooper prune`: asks no question; --dry-run is for whoever wants to look first. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, terminal, signal } = invocation
  const options: PruneOptions = { ...pruneOptions(flags), signal }
  const report: PruneReport = await withStore(invocation, (store) => store.prune(options))
  const text =
    flags.text('format') === 'json' ? `${JSON.stringify(report)}\n` : renderPrune(report, flags.on('dry-run'))
  await terminal.print(text)
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
