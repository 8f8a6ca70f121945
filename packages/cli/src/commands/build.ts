import { type BuildHandle, type BuildResult, build } from '@cooperage/builder'
import { type Store, writeOutputFile } from '@cooperage/store'
import { type BuildPlan, buildPlans } from '../build-command/build-plans.js'
import { callOf } from '../build-command/call.js'
import { contextInput } from '../build-command/context-input.js'
import { debugShell } from '../build-command/debug-shell.js'
import { EventGate } from '../build-command/event-gate.js'
import { metadata } from '../build-command/metadata.js'
import { printOf } from '../build-command/print.js'
import { removeImageId } from '../build-command/remove-image-id.js'
import { keepUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { summary } from '../render/build-summary.js'
import { chooseView } from '../render/choose-view.js'
import { escapeLine } from '../render/escape.js'
import type { ProgressView } from '../render/progress.js'
import type { ProgressMode } from '../settings/modes.js'
import { withStore } from '../with-store.js'

/** `cooper build`: every build of the line, one after the other; the first that fails ends it. --call and --print build nothing. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, terminal, signal } = invocation
  const call = callOf(flags)
  const print = printOf(flags)
  const plans = await buildPlans(invocation)
  if (call !== undefined) {
    const { runCalls } = await import('../build-command/run-calls.js')
    return withStore(invocation, (store) => runCalls(call, plans, { store, invocation }))
  }
  if (print !== undefined) {
    const { printContexts } = await import('../build-command/print-contexts.js')
    return printContexts(print, plans, invocation)
  }
  const settings = await invocation.settings()
  const mode = modeOf(flags.on('quiet'), flags.text('progress'), settings.progress)
  const talks = mode !== 'quiet' && mode !== 'rawjson'
  for (const { iidFile } of plans) if (iidFile !== undefined) await removeImageId(iidFile)
  await withStore(invocation, async (store) => {
    for (const plan of plans) {
      signal.throwIfAborted()
      if (plans.length > 1 && talks) terminal.say(`building ${escapeLine(plan.target.name)}\n`)
      const started = Date.now()
      const result = await buildOne({ plan, store, invocation, mode })
      if (flags.on('quiet')) await terminal.print(`${result.imageId}\n`)
      else if (talks) terminal.say(summary(result, Date.now() - started))
    }
  })
}

function modeOf(quiet: boolean, flag: string | undefined, setting: ProgressMode): ProgressMode {
  if (quiet || flag === 'none') return 'quiet'
  return (flag as ProgressMode | undefined) ?? setting
}

interface OneBuild {
  readonly plan: BuildPlan
  readonly store: Store
  readonly invocation: Invocation
  readonly mode: ProgressMode
}

async function buildOne({ plan, store, invocation, mode }: OneBuild): Promise<BuildResult> {
  const { terminal, env, signal } = invocation
  const input = await contextInput(plan.target, invocation)
  let view: ProgressView | undefined
  const gate = new EventGate(() => view?.rest?.())
  const onFailure = debugShell(invocation, gate)
  const run = { ...plan.options.run, keepFailed: true, ...(onFailure && { onFailure }) }
  await using running = build({ ...plan.options, ...input, run, store, signal })
  view = await chooseView(mode, terminal, { env, heading: 'Building' })
  const result = await watch(running, { view, gate })
  // Whoever asks for nothing but the image ID wants to use it.
  if (result.tags.length === 0 && result.outputs.length === 0) await keepUnnamed(store, result.descriptor)
  if (plan.iidFile !== undefined) await writeText(plan.iidFile, result.imageId)
  if (plan.metadataFile !== undefined) {
    const answer = metadata(result, { warnings: isOn(env.BUILDX_METADATA_WARNINGS) })
    await writeText(plan.metadataFile, `${JSON.stringify(answer, undefined, 2)}\n`)
  }
  return result
}

/** Shows what happens until the end, and that. */
async function watch(
  running: BuildHandle,
  { view, gate }: { readonly view: ProgressView; readonly gate: EventGate },
): Promise<BuildResult> {
  try {
    for await (const event of running) {
      await gate.passage()
      view.event(event)
    }
    const result = await running
    view.end('done')
    return result
  } catch (error) {
    view.end('failed')
    throw error
  }
}

/** As Go reads a truth value. */
function isOn(text: string | undefined): boolean {
  return /^(?:1|t|true)$/i.test(text ?? '')
}

/** Another program that waits for the file sees the old content or the new one, never a part. */
function writeText(path: string, text: string): Promise<void> {
  return writeOutputFile(path, (sink) => sink.write(Buffer.from(text)))
}
