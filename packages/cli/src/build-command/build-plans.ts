import { type BuildOptions, type OutputSpec, parseOutput } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'
import type { Invocation, Terminal } from '../invocation.js'
import { annotations } from './annotations.js'
import { type BuildTarget, buildTargets } from './build-targets.js'
import { nameEach } from './name-each.js'
import { namedContexts } from './named-contexts.js'
import { buildArguments, namedValues } from './pairs.js'

/** One build, understood and checked, its context not yet opened. */
export interface BuildPlan {
  readonly target: BuildTarget
  readonly options: Omit<BuildOptions, 'store' | 'context' | 'dockerfile' | 'signal'>
  readonly iidFile?: string
  readonly metadataFile?: string
}

/** All builds of a command line; whatever is wrong with it is said before the first one begins. @throws E_CLI */
export async function buildPlans(invocation: Invocation): Promise<BuildPlan[]> {
  const { flags, operands, env, terminal } = invocation
  refuseStdinTwice(operands, flags)
  const targets = await buildTargets(operands, flags.text('file'))
  const common = await commonOptions(invocation)
  const tags = nameEach('tag', flags.list('tag'), targets)
  const outputs = nameEach('output', flags.list('output'), targets)
  const iidFiles = nameEach('iidfile', optional(flags, 'iidfile'), targets)
  const metadataFiles = nameEach('metadata-file', optional(flags, 'metadata-file'), targets)
  const epoch = sourceDateEpoch(env)
  const specs = outputs.map((texts) => texts.map(parseOutput))
  checkStdout(specs.flat(), flags, terminal)
  return targets.map((target, index) => ({
    target,
    options: {
      ...common,
      ...(epoch === undefined ? {} : { sourceDateEpoch: epoch }),
      tags: tags[index]!,
      outputs: specs[index]!,
    },
    ...(iidFiles[index]![0] === undefined ? {} : { iidFile: iidFiles[index]![0] }),
    ...(metadataFiles[index]![0] === undefined ? {} : { metadataFile: metadataFiles[index]![0] }),
  }))
}

type CommonOptions = Omit<BuildPlan['options'], 'tags' | 'outputs' | 'sourceDateEpoch'>

async function commonOptions(invocation: Invocation): Promise<CommonOptions> {
  const { flags, env } = invocation
  const jobs = wholeNumber(flags.text('jobs')) ?? (await invocation.settings()).jobs
  const noCache = noCacheOf(flags)
  const target = flags.text('target')
  const ignoreFrom = flags.text('ignore-from')
  const platform = onePlatform(flags)
  return {
    buildArgs: buildArguments(flags.list('build-arg'), env),
    labels: namedValues('label', flags.list('label')),
    buildContexts: namedContexts(flags.list('build-context')),
    annotations: annotations(flags.list('annotation')),
    ...(target === undefined ? {} : { target }),
    ...(ignoreFrom === undefined ? {} : { ignoreFrom }),
    ...(platform === undefined ? {} : { platform }),
    ...(noCache === undefined ? {} : { noCache }),
    ...(jobs === undefined ? {} : { jobs }),
  }
}

function optional(flags: FlagValues, name: string): readonly string[] {
  const text = flags.text(name)
  return text === undefined ? [] : [text]
}

function refuseStdinTwice(operands: readonly string[], flags: FlagValues): void {
  const uses = operands.filter((operand) => operand === '-').length + (flags.text('file') === '-' ? 1 : 0)
  if (uses < 2) return
  throw new CooperageError('E_CLI', 'stdin can be read once: - stands in more than one place', {
    hint: 'name a folder for the context, or a file for the Dockerfile',
  })
}

/** Standard output takes one thing, and a terminal takes no archive. */
function checkStdout(outputs: readonly OutputSpec[], flags: FlagValues, terminal: Terminal): void {
  const uses = outputs.filter((output) => output.destination === '-').length
  if (uses === 0) return
  if (terminal.stdout.isTTY) {
    throw new CooperageError('E_CLI', 'an archive is not written to a terminal', {
      hint: 'name a file with dest=PATH, or pipe stdout into a program',
    })
  }
  if (uses > 1 || flags.on('quiet')) {
    throw new CooperageError('E_CLI', 'stdout can take one answer: an output, or the image ID of --quiet', {
      hint: 'write outputs to files with dest=PATH, and the image ID with --iidfile',
    })
  }
}

function noCacheOf(flags: FlagValues): boolean | readonly string[] | undefined {
  const stages = flags
    .list('no-cache-filter')
    .flatMap((text) => text.split(',').filter((stage) => stage !== ''))
  if (flags.on('no-cache')) return true
  return stages.length > 0 ? stages : undefined
}

function onePlatform(flags: FlagValues): string | undefined {
  const platform = flags.text('platform')
  if (!platform?.includes(',')) return platform
  throw new CooperageError('E_CLI', 'building for several platforms at once is not served yet', {
    hint: `run one build for each of ${platform.split(',').join(', ')}`,
  })
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= 1024) return number
  throw new CooperageError('E_CLI', `--jobs is a whole number from 1 to 1024, not ${JSON.stringify(text)}`)
}

/** reproducible-builds.org, "SOURCE_DATE_EPOCH": whole seconds since 1970. */
function sourceDateEpoch(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = env.SOURCE_DATE_EPOCH
  if (text === undefined || text === '') return undefined
  // The last second of the year 9999, the end of what RFC 3339 can write.
  if (/^[0-9]{1,12}$/.test(text) && Number(text) <= 253_402_300_799) return Number(text)
  throw new CooperageError('E_CLI', `SOURCE_DATE_EPOCH is not a time: ${JSON.stringify(text)}`, {
    hint: 'it counts whole seconds since 1970',
  })
}
