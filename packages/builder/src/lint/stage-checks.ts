import { fromUtf8, toUtf8 } from '@cooperage/store'
import { cleanPath } from '../context/ignore/clean-path.js'
import type { IgnoreMatcher } from '../context/ignore/create-ignore-matcher.js'
import { goQuote } from '../dockerfile/go-quote.js'
import type { AddCommand, Command, CopyCommand, LineRange } from '../instructions/commands.js'
import type { Expander } from '../plan/expander.js'
import type { Effect } from '../steps/effect.js'
import { remoteKind } from '../steps/remote-source.js'
import type { StepContext } from '../steps/step-context.js'
import { checkExpose } from './check-expose.js'
import { checkSecretName } from './check-secret-name.js'
import type { CheckPlace, Checks } from './checks.js'

/** A command with what it saw of its stage and what it is about to do to it. */
export interface JudgedStep {
  readonly command: Command
  readonly place: CheckPlace
  readonly context: StepContext
  readonly effect: Effect
  readonly expander: Expander
  /** A WORKDIR of this file came before, here or in a stage below. */
  readonly workdirSet: boolean
}

/** Judges the commands of one stage, one after the other. */
export class StageChecks {
  readonly #checks: Checks
  readonly #ignore: IgnoreMatcher | undefined
  readonly #last = new Map<string, LineRange>()

  /** `ignore` is the ignore file of the build context. */
  constructor(checks: Checks, ignore: IgnoreMatcher | undefined) {
    this.#checks = checks
    this.#ignore = ignore
  }

  judge(step: JudgedStep): void {
    const { command, context, place, effect, expander } = step
    const checks = this.#checks
    switch (command.kind) {
      case 'cmd':
      case 'entrypoint':
        this.#checkRepeated(command, place)
        if (command.command.shell && !context.config.Shell?.length) {
          const message = `JSON arguments recommended for ${command.keyword} to prevent unintended behavior related to OS signals`
          checks.report('JSONArgsRecommended', message, place)
        }
        break
      case 'healthcheck':
        this.#checkRepeated(command, place)
        break
      case 'env':
      case 'label': {
        const { keyword } = command
        for (const { legacy } of command.pairs) {
          if (!legacy) continue
          const message = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`
          checks.report('LegacyKeyValueFormat', message, place)
        }
        for (const [name] of effect.env ?? []) checkSecretName('ENV', name, { checks, place })
        break
      }
      case 'arg':
        for (const { key } of command.args) checkSecretName('ARG', key, { checks, place })
        break
      case 'workdir':
        this.#checkWorkdir(expander.word(command.path, context.variables), step)
        break
      case 'expose':
        for (const port of command.ports.flatMap((text) => expander.words(text, context.variables))) {
          checkExpose(port, { checks, place })
        }
        break
      case 'copy':
        if (command.from === undefined) this.#checkIgnored(command, step)
        break
      case 'add':
        this.#checkIgnored(command, step)
    }
  }

  /** Points at the earlier one, which has no effect. */
  #checkRepeated({ kind, keyword }: Command, place: CheckPlace): void {
    const range = this.#last.get(kind)
    this.#last.set(kind, place.range)
    if (range === undefined) return
    const message = `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`
    this.#checks.report('MultipleInstructionsDisallowed', message, { ...place, range })
  }

  /** One is enough: every later relative path follows from the first. */
  #checkWorkdir(path: string, { context, workdirSet, place }: JudgedStep): void {
    const isAbsolute = context.os === 'windows' ? /^(?:[a-z]:)?[\\/]/i.test(path) : path.startsWith('/')
    if (workdirSet || isAbsolute) return
    const message = `Relative workdir ${goQuote(path)} can have unexpected results if the base image changes`
    this.#checks.report('WorkdirRelativePath', message, place)
  }

  /** An ignore file with exceptions is not judged: whether a file stays out shows only in the walk. */
  #checkIgnored(command: CopyCommand | AddCommand, { effect, place }: JudgedStep): void {
    const ignore = this.#ignore
    const { operation } = effect
    if (ignore === undefined || ignore.patterns.some(({ negated }) => negated)) return
    if (operation?.kind !== 'copy' && operation?.kind !== 'add-remote') return
    for (const source of operation.sources) {
      if (remoteKind(source) !== undefined) continue
      const path = cleanPath(fromUtf8(source))
      if (!ignore.excludes(path)) continue
      const verb = command.kind === 'add' ? 'Add' : 'Copy'
      const message = `Attempting to ${verb} file ${goQuote(toUtf8(path))} that is excluded by .dockerignore`
      this.#checks.report('CopyIgnoredFile', message, place)
    }
  }
}
