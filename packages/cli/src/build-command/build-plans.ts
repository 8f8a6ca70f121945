import {
  type BuildOptions,
  type BuildRegistry,
  type PullPolicy,
  parseCacheSource,
  parseCacheTarget,
  parseOutput,
} from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'
import { fullName } from '../images/full-name.js'
import type { Invocation } from '../invocation.js'
import { annotations } from './annotations.js'
import { type BuildTarget, buildTargets } from './build-targets.js'
import { checkDeletes } from './check-deletes.js'
import { checkFiles } from './check-files.js'
import { checkStdout } from './check-stdout.js'
import { insideContext } from './inside-context.js'
import { nameEach } from './name-each.js'
import { namedContexts } from './named-contexts.js'
import { buildArguments, labelValues } from './pairs.js'
import { pushed } from './pushed.js'
import { runOptions } from './run-options.js'
import { secrets } from './secrets.js'
import { sshAgents } from './ssh-agents.js'

/** One build, understood and checked, its context not yet opened. */
export interface BuildPlan {
  readonly target: BuildTarget
  readonly options: Omit<BuildOptions, 'store' | 'context' | 'dockerfile' | 'signal'>
  readonly iidFile?: string
  readonly metadataFile?: string
}

/** All builds of a command line; whatever is wrong with it is said before the first one begins. @throws E_CLI */
export async function buildPlans(invocation: Invocation): Promise<BuildPlan[]> {
  const { flags, operands, terminal } = invocation
  const targets = await buildTargets(operands, flags.text('file'))
  refuseStdinTwice(targets)
  const common = await commonOptions(invocation)
  const tags = nameEach('tag', flags.list('tag'), targets)
  const outputs = nameEach('output', flags.list('output'), targets)
  const iidFiles = nameEach('iidfile', optional(flags, 'iidfile'), targets)
  const metadataFiles = nameEach('metadata-file', optional(flags, 'metadata-file'), targets)
  const ignoreFrom = flags.text('ignore-from')
  for (const tag of tags.flat()) fullName(tag)
  const written = outputs.map((texts) => texts.map(parseOutput))
  const specs = flags.on('push') ? written.map(pushed) : written
  checkStdout(specs.flat(), flags, terminal)
  await checkDeletes(specs.flat(), flags)
  const plans = targets.map((target, index) => ({
    target,
    options: {
      ...common,
      ...(ignoreFrom === undefined ? {} : { ignoreFrom: insideContext(target.context, ignoreFrom) }),
      tags: tags[index]!,
      outputs: specs[index]!,
    },
    ...(iidFiles[index]![0] === undefined ? {} : { iidFile: iidFiles[index]![0] }),
    ...(metadataFiles[index]![0] === undefined ? {} : { metadataFile: metadataFiles[index]![0] }),
  }))
  await checkFiles(plans.map(({ options, ...files }) => ({ ...files, outputs: options.outputs })))
  return plans
}

type CommonOptions = Omit<BuildPlan['options'], 'tags' | 'outputs'>

async function commonOptions(invocation: Invocation): Promise<CommonOptions> {
  const { flags, env } = invocation
  const jobs = wholeNumber(flags.text('jobs')) ?? (await invocation.settings()).jobs
  const noCache = noCacheOf(flags)
  const target = flags.text('target')
  const pull = pullPolicy(flags)
  const platforms = platformsOf(flags)
  return {
    buildArgs: { ...epochOf(env), ...buildArguments(flags.list('build-arg'), env) },
    labels: labelValues(flags.list('label')),
    buildContexts: namedContexts(flags.list('build-context')),
    annotations: annotations(flags.list('annotation')),
    cacheFrom: flags.list('cache-from').map(parseCacheSource),
    cacheTo: flags.list('cache-to').map(parseCacheTarget),
    remote: { environment: env },
    run: runOptions(flags, env),
    secrets: secrets(flags.list('secret'), env),
    ssh: sshAgents(flags.list('ssh'), env),
    registry: registryOnce(invocation),
    ...(pull === undefined ? {} : { pull }),
    ...(target === undefined ? {} : { target }),
    ...(platforms.length === 0 ? {} : { platforms }),
    ...(noCache === undefined ? {} : { noCache }),
    ...(jobs === undefined ? {} : { jobs }),
  }
}

/** As docker hands it on: a build argument, which the build judges. */
function epochOf({ SOURCE_DATE_EPOCH }: Invocation['env']): Record<string, string> {
  return SOURCE_DATE_EPOCH ? { SOURCE_DATE_EPOCH } : {}
}

function optional(flags: FlagValues, name: string): readonly string[] {
  const text = flags.text(name)
  return text === undefined ? [] : [text]
}

function refuseStdinTwice(targets: readonly BuildTarget[]): void {
  const uses = targets.flatMap((target) => [target.context, target.dockerfile]).filter((use) => use === '-')
  if (uses.length < 2) return
  throw new CooperageError('E_CLI', 'stdin can be read once, and - stands for it more than once', {
    hint: 'name a folder for the context, or a file for the Dockerfile',
  })
}

function noCacheOf(flags: FlagValues): boolean | readonly string[] | undefined {
  const stages = flags
    .list('no-cache-filter')
    .flatMap((text) => text.toLowerCase().split(','))
    .filter((stage) => stage !== '')
  if (flags.on('no-cache')) return true
  return stages.length > 0 ? stages : undefined
}

/** One client for all builds of the line, opened when the first of them asks; it ends with the process. */
function registryOnce(invocation: Invocation): () => Promise<BuildRegistry> {
  let opened: Promise<BuildRegistry> | undefined
  return () => {
    opened ??= import('../registry/open-registry.js').then(async ({ openRegistry }) => {
      const registry = await openRegistry(invocation)
      return { ...registry, aliases: await registry.aliases() }
    })
    return opened
  }
}

/** `--pull` alone is docker's: always. */
function pullPolicy(flags: FlagValues): PullPolicy | undefined {
  const text = flags.text('pull')
  if (text === undefined || text === 'false') return undefined
  return text === 'true' ? 'always' : (text as PullPolicy)
}

/** Several in one value, or several flags, as in docker. */
function platformsOf(flags: FlagValues): string[] {
  return flags.list('platform').flatMap((text) => text.split(',').map((one) => one.trim()))
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= 1024) return number
  throw new CooperageError('E_CLI', `--jobs is a whole number from 1 to 1024, not ${JSON.stringify(text)}`)
}
