import { existsSync } from 'node:fs'
import { type ContextListing, DOCKERFILE_NAMES, listContext, openSecrets, openSsh } from '@cooperage/builder'
import { type Store, toUtf8 } from '@cooperage/store'
import type { Invocation } from '../invocation.js'
import { contextJson, contextText } from '../render/context.js'
import { escapeLine } from '../render/escape.js'
import type { BuildPlan } from './build-plans.js'
import { contextInput } from './context-input.js'
import type { Print } from './print.js'
import { withPassingStore } from './with-passing-store.js'

/** Lists the context of every build of the line, and builds none. The store is not opened. */
export async function printContexts(
  print: Print,
  plans: readonly BuildPlan[],
  invocation: Invocation,
): Promise<void> {
  const { terminal, signal } = invocation
  for (const plan of plans) {
    signal.throwIfAborted()
    if (plans.length > 1) terminal.say(`context of ${escapeLine(plan.target.name)}\n`)
    const list = (store?: Store) => listOne({ print, plan, invocation, store })
    const { context } = plan.target
    // What comes through stdin or from elsewhere has to be kept while it is read.
    const isHere = context !== '-' && existsSync(context)
    const listing = isHere ? await list() : await withPassingStore(list)
    for (const { path, kind } of listing.warnings) {
      const why = kind === 'store' ? 'it is the store' : `an image cannot hold a ${kind}`
      terminal.say(`note: ${escapeLine(toUtf8(path))} is left out: ${why}\n`)
    }
    await terminal.print(print.format === 'json' ? contextJson(listing) : contextText(listing))
  }
}

interface OneListing {
  readonly print: Print
  readonly plan: BuildPlan
  readonly invocation: Invocation
  readonly store: Store | undefined
}

async function listOne({ print, plan, invocation, store }: OneListing): Promise<ContextListing> {
  const { context, dockerfile } = await contextInput(plan.target, invocation)
  const { ignoreFrom, remote } = plan.options
  return listContext(context, {
    entersIgnored: print.whole,
    signal: invocation.signal,
    leaveOut: (await invocation.settings()).store,
    ...(typeof dockerfile !== 'object' && {
      dockerfile: dockerfile ?? DOCKERFILE_NAMES,
      dockerfileIsOptional: dockerfile === undefined,
    }),
    ...(ignoreFrom !== undefined && { ignoreFrom }),
    ...(remote !== undefined && { remote }),
    secrets: await openSecrets(plan.options.secrets),
    ssh: await openSsh(plan.options.ssh),
    ...(store !== undefined && { spool: store.blobs, records: store.records }),
  })
}
