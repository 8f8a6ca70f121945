import { CooperageError, type RecordStore } from '@cooperage/store'
import type { Executor, ExecutorName } from '../executor.js'
import { type HostSituation, readSituation } from './host-situation.js'
import { isInContainer } from './in-container.js'
import {
  EXECUTOR_NAMES,
  type ExecutorVerdict,
  makeExecutor,
  probeExecutor,
  SUBORDINATE_IDS,
} from './probe-executor.js'
import { BEST_RANK, rank } from './rank.js'
import type { ExecutorFailure } from './remedy.js'
import { advisoriesFor } from './runtime-version.js'

export interface ExecutorSearch {
  /** On the file system on which containers will have their files; something is made in it and removed. */
  readonly directory: string
  /** Verdicts are kept here, for as long as nothing that they depend on has changed. */
  readonly records?: Pick<RecordStore, 'getText' | 'put'>
  /** Where programs are looked for before the usual places, as in the variable PATH. */
  readonly path?: string
  readonly signal?: AbortSignal
}

/** `auto`: the strongest that works, and `chroot` only inside a container. */
export type Isolation = 'auto' | ExecutorName

export interface ExecutorReport {
  readonly name: ExecutorName
  /** Absent when it does not work here. */
  readonly executor?: Executor
  /** The one that `auto` takes. */
  readonly isChosen: boolean
  /** Identifiers of flaws that its runtime may have. */
  readonly advisories: readonly string[]
  readonly failures: readonly ExecutorFailure[]
}

const KIND = 'executors'

/**
 * The executor that containers of this machine are to run in. Cheap when it is known from before.
 * @throws E_NO_EXECUTOR with every failure and its remedy
 */
export async function chooseExecutor(
  options: ExecutorSearch & { readonly isolation?: Isolation },
): Promise<Executor> {
  const { isolation = 'auto' } = options
  const names = isolation === 'auto' ? EXECUTOR_NAMES : [isolation]
  const prober = await Prober.open(options)
  const verdicts: ExecutorVerdict[] = []
  for (const name of names) {
    // Nothing that is still to be tried could be better.
    if (verdicts.some((verdict) => rank(verdict) <= BEST_RANK[name])) break
    verdicts.push(await prober.verdict(name))
  }
  const chosen = isolation === 'auto' ? bestOf(verdicts) : verdicts.find(({ found }) => found)
  if (chosen) return prober.executor(chosen)
  throw noExecutor(isolation, verdicts)
}

/** Tries every executor, however long it takes, and remembers what came of it. */
export async function probeExecutors(options: ExecutorSearch): Promise<ExecutorReport[]> {
  const prober = await Prober.open({ ...options, afresh: true })
  const verdicts: ExecutorVerdict[] = []
  for (const name of EXECUTOR_NAMES) verdicts.push(await prober.verdict(name))
  const chosen = bestOf(verdicts)
  return verdicts.map((verdict) => ({
    name: verdict.name,
    ...(verdict.found && { executor: prober.executor(verdict) }),
    isChosen: verdict === chosen,
    advisories: verdict.found?.runtime ? advisoriesFor(verdict.found.runtime) : [],
    failures: verdict.failures,
  }))
}

function bestOf(verdicts: readonly ExecutorVerdict[]): ExecutorVerdict | undefined {
  const working = verdicts.filter(({ name, found }) => found && (name !== 'chroot' || isInContainer()))
  return working.sort((one, other) => rank(one) - rank(other))[0]
}

/** Verdicts of one situation, from before or from a try. */
class Prober {
  readonly #options: ExecutorSearch
  readonly #situation: HostSituation
  readonly #known: Map<ExecutorName, ExecutorVerdict>

  private constructor(options: ExecutorSearch, situation: HostSituation, known: readonly ExecutorVerdict[]) {
    this.#options = options
    this.#situation = situation
    this.#known = new Map(known.map((verdict) => [verdict.name, verdict]))
  }

  static async open(options: ExecutorSearch & { readonly afresh?: boolean }): Promise<Prober> {
    const { directory, path, records, afresh = false } = options
    const situation = readSituation(directory, path)
    if (afresh || records === undefined) return new Prober(options, situation, [])
    const text = await records.getText(KIND, situation.stamp)
    return new Prober(options, situation, text === undefined ? [] : (JSON.parse(text) as ExecutorVerdict[]))
  }

  async verdict(name: ExecutorName): Promise<ExecutorVerdict> {
    const known = this.#known.get(name)
    if (known) return known
    const { directory, records, signal = new AbortController().signal } = this.#options
    const verdict = await probeExecutor(name, { situation: this.#situation, directory, signal })
    this.#known.set(name, verdict)
    // What cannot be kept is tried again next time.
    await records?.put(KIND, this.#situation.stamp, JSON.stringify([...this.#known.values()])).catch(() => {})
    return verdict
  }

  executor({ name, found }: ExecutorVerdict): Executor {
    return makeExecutor(name, found!, this.#situation)
  }
}

function noExecutor(isolation: Isolation, verdicts: readonly ExecutorVerdict[]): CooperageError {
  const failures = verdicts.flatMap(({ failures }) => failures)
  const which = isolation === 'auto' ? 'nothing on this machine can' : `${isolation} cannot`
  // It works, and was not taken: this is no container.
  const isUnwanted = verdicts.some(({ name, found }) => name === 'chroot' && found !== undefined)
  const last = isUnwanted ? ['build with --isolation=chroot, which isolates nothing'] : []
  // Ids are no use to whoever may make no namespace for them.
  const lacksNamespaces = failures.some(({ why }) => why.includes('unshare a user namespace'))
  const useful = failures.filter(({ tried }) => !(lacksNamespaces && tried === SUBORDINATE_IDS))
  const remedies = [...new Set([...useful.map(({ remedy }) => remedy), ...last])]
  return new CooperageError(
    'E_NO_EXECUTOR',
    `RUN needs a sandbox, and ${which} make one: ${reasonsOf(failures)}`,
    {
      category: 'sandbox',
      hint: remedies.join('; or '),
      data: { isolation, failures },
    },
  )
}

/** In one line, as messages are shown; what fails alike is told once. */
function reasonsOf(failures: readonly ExecutorFailure[]): string {
  const reasons = [...new Set(failures.map(({ why }) => why))]
  const triedFor = (reason: string) =>
    new Set(failures.flatMap(({ tried, why }) => (why === reason ? [tried] : [])))
  return reasons.map((why) => `${[...triedFor(why)].join(' and ')}: ${why}`).join('; ')
}
