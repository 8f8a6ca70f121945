import { type BlobStore, decompressed, isCooperageError, readTar } from '@cooperage/store'
import type { BuildContexts } from './build-contexts.js'
import { newestFile } from './context/newest-file.js'
import { locate } from './dockerfile/source-text.js'
import type { BuildEvent } from './events.js'
import type { ArgCommand, Dockerfile } from './instructions/commands.js'
import { withLocation } from './located.js'
import { buildStageGraph } from './plan/build-stage-graph.js'
import type { EpochSource } from './plan/epoch-source.js'
import type { GraphOptions } from './plan/plan-options.js'
import { wantedGit } from './remote/git/wanted-git.js'
import type { RemoteSources } from './remote/remote-sources.js'
import { remoteKind } from './steps/remote-source.js'

const STEP = 'source-date-epoch'

type AddedSource = Extract<EpochSource, { kind: 'add' }>

export interface EpochWires {
  readonly dockerfile: Dockerfile
  readonly contexts: BuildContexts
  readonly remotes: RemoteSources
  readonly blobs: BlobStore
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

/**
 * What SOURCE_DATE_EPOCH came to, for the plan, when it names a source; nothing when it is a time, or absent. Of
 * several platforms the source of the first one counts.
 * @throws E_DF_EPOCH, what fetching the source gives, and what is wrong with the stages
 */
export async function resolvedEpoch(
  graph: GraphOptions,
  wires: EpochWires,
): Promise<Pick<GraphOptions, 'sourceDateEpoch'>> {
  const isNamed = ({ args }: ArgCommand) => args.some(({ key }) => key === 'SOURCE_DATE_EPOCH')
  const isUsed = graph.buildArgs?.SOURCE_DATE_EPOCH !== undefined || wires.dockerfile.globalArgs.some(isNamed)
  if (!isUsed) return {}
  const { epoch } = buildStageGraph(wires.dockerfile, graph)
  if (epoch.kind === 'none' || epoch.kind === 'time') return {}
  return { sourceDateEpoch: await resolveEpoch(epoch, wires) }
}

type NamedSource = Exclude<EpochSource, { kind: 'none' | 'time' }>

/**
 * The time of what SOURCE_DATE_EPOCH names, in seconds since 1970: of a commit, of `Last-Modified`, else of the newest
 * file of an archive. Null where there is none, as of a directory of this machine.
 */
async function resolveEpoch(source: NamedSource, wires: EpochWires): Promise<number | null> {
  switch (source.kind) {
    case 'context':
      // An image has many times, and none is that of its source.
      if (source.context?.kind === 'image') return null
      return (await wires.contexts.time(source.context?.name)) ?? null
    case 'add':
      return (await reported(source, wires)) ?? null
  }
}

async function reported(source: AddedSource, wires: EpochWires): Promise<number | undefined> {
  const { emit, signal } = wires
  const name = `[internal] resolve SOURCE_DATE_EPOCH source stage ${source.stage.name}`
  emit({ type: 'step.start', step: STEP, name, inputs: [], at: Date.now() })
  try {
    const time = await timeOfAdd(source, wires)
    emit({ type: 'step.end', step: STEP, outcome: 'done', at: Date.now() })
    return time
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const outcome = signal.aborted ? 'canceled' : 'failed'
    emit({ type: 'step.end', step: STEP, outcome, error: message, at: Date.now() })
    throw withLocation(error, locate(wires.dockerfile, source.stage.range))
  }
}

async function timeOfAdd(
  { source, checksum, keepGitDir }: AddedSource,
  { remotes, blobs, signal }: EpochWires,
): Promise<number | undefined> {
  if (remoteKind(source) === 'git') {
    const repository = await remotes.git(wantedGit(source, { checksum, keepGitDir }))
    return (await repository.tree()).meta.mtime
  }
  const { digest, mtime } = await remotes.file(source, { checksum, step: STEP })
  return mtime === 0 ? newestIn(blobs.read(digest, { signal }), signal) : mtime
}

/** Of what is no archive nobody knows a time. */
async function newestIn(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number | undefined> {
  let newest: number | undefined
  try {
    for await (const { entry } of readTar(decompressed(content, { signal }), { signal })) {
      newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, newestFile([entry]) ?? Number.NEGATIVE_INFINITY)
    }
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'user') throw error
    return undefined
  }
  return newest === Number.NEGATIVE_INFINITY ? undefined : newest
}
