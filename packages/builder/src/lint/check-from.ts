import { isCooperageError, type Platform } from '@cooperage/store'
import { goQuote } from '../dockerfile/go-quote.js'
import type { Dockerfile, Stage } from '../instructions/commands.js'
import type { Expander } from '../plan/expander.js'
import { declareGlobalArgs } from '../plan/global-args.js'
import { parseImageName } from '../plan/image-name.js'
import type { BaseImage } from '../plan/plan.js'
import { formatPlatform, parsePlatform } from '../plan/platform.js'
import type { Expansion } from '../words/expand.js'
import type { CheckPlace, Checks } from './checks.js'

/** Judges every FROM as if no build argument were given. `predefined` are the arguments that every file has. */
export function checkDefaults(
  dockerfile: Dockerfile,
  how: { readonly predefined: ReadonlyMap<string, string>; readonly expander: Expander },
  checks: Checks,
): void {
  const defaults = new Map(how.predefined)
  const expand = (text: string) => how.expander.word(text, defaults)
  try {
    declareGlobalArgs(dockerfile.globalArgs, defaults, { buildArgs: new Map(), expand })
    for (const stage of dockerfile.stages) {
      if ('reference' in parseImageName(expand(stage.baseName))) continue
      const message = `Default value for ARG ${stage.baseName} results in empty or invalid base image name`
      checks.report('InvalidDefaultArgInFrom', message, stage)
    }
  } catch (error) {
    // A word that cannot be expanded is an error of the build, which reports it itself.
    if (!isCooperageError(error) || error.code !== 'E_DF_VAR') throw error
  }
}

type Matches = Pick<Expansion, 'text' | 'matched' | 'unmatched'>

/** Judges the variables of one word of FROM. `known` are all arguments that may be used there. */
export function checkFromVariables(
  stage: Stage,
  how: { readonly expanded: Matches; readonly known: readonly string[] },
  checks: Checks,
): void {
  for (const name of how.expanded.unmatched) {
    if (how.known.includes(name)) continue
    const message = `FROM argument '${name}' is not declared${checks.suggest(name, how.known)}`
    checks.report('UndefinedArgInFrom', message, stage)
  }
}

/** Judges `--platform` of FROM. */
export function checkFromPlatform(
  stage: Stage,
  how: {
    readonly expanded: Matches
    readonly globalArgs: ReadonlyMap<string, string>
    readonly host: Platform
  },
  checks: Checks,
): void {
  const { text, matched, unmatched } = how.expanded
  if (matched.size === 0 && unmatched.size === 0) {
    const platform = parsePlatform(text, how.host)
    // A stage that is named after its platform is meant to be of that platform.
    if (typeof platform === 'string') return
    if ([platform.os, platform.architecture].some((part) => stage.name.includes(part))) return
    const message = `FROM --platform flag should not use constant value ${goQuote(text)}`
    checks.report('FromPlatformFlagConstDisallowed', message, stage)
    return
  }
  const onlyTarget = matched.size === 1 && matched.has('TARGETPLATFORM') && unmatched.size === 0
  if (!onlyTarget || text !== how.globalArgs.get('TARGETPLATFORM')) return
  const message = `Setting platform to predefined ${stage.platform} in FROM is redundant as this is the default behavior`
  checks.report('RedundantTargetPlatform', message, stage)
}

/** Judges whether an image is what was asked for: a name may stand for an image of one platform only. */
export function checkBasePlatform(
  image: BaseImage,
  how: { readonly name: string; readonly asked: Platform; readonly place: CheckPlace },
  checks: Checks,
): void {
  if (image.assumed) return
  const { os, architecture, variant } = image.config
  if (os === how.asked.os && architecture === how.asked.architecture) return
  const version = image.config['os.version']
  const found = formatPlatform({
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { 'os.version': version }),
  })
  const wanted = goQuote(formatPlatform(how.asked))
  const message = `Base image ${how.name} was pulled with platform ${goQuote(found)}, expected ${wanted} for current build`
  checks.report('InvalidBaseImagePlatform', message, how.place)
}
