import { CooperageError } from '@cooperage/store'
import { locate } from '../dockerfile/source-text.js'
import type { AddCommand, ArgCommand, Dockerfile, Stage } from '../instructions/commands.js'
import { remoteKind } from '../steps/remote-source.js'
import { at } from './at.js'
import type { Expander } from './expander.js'
import { findNamedContext, type NamedContext } from './named-context.js'
import type { NamedContextKind } from './plan-options.js'

/** Where SOURCE_DATE_EPOCH takes its time from. */
export type EpochSource =
  | { readonly kind: 'none' }
  /** Seconds since 1970. */
  | { readonly kind: 'time'; readonly seconds: number }
  /** The time of a context: of the main one, or of one given by name. */
  | { readonly kind: 'context'; readonly context?: NamedContext }
  /** The time of what a stage adds, and nothing else. */
  | {
      readonly kind: 'add'
      readonly source: string
      /** Empty when not given. */
      readonly checksum: string
      readonly keepGitDir: boolean
      readonly stage: Stage
    }

export interface EpochInput {
  readonly buildArgs: ReadonlyMap<string, string>
  readonly globalArgs: ReadonlyMap<string, string>
  readonly namedContexts: ReadonlyMap<string, NamedContextKind>
  readonly expander: Expander
}

/** The years 1 to 9999: what RFC 3339 can write. */
const FIRST = -62_135_596_800
const LAST = 253_402_300_799
const HINT =
  'give whole seconds since 1970, "context", or the name of a context or of a stage with one remote ADD'

/**
 * Reads a value of SOURCE_DATE_EPOCH: seconds since 1970, `context`, a named context, or a stage FROM scratch that
 * holds exactly one remote ADD.
 * @throws E_DF_EPOCH
 */
export function epochSource(value: string, dockerfile: Dockerfile, input: EpochInput): EpochSource {
  if (value === '') return { kind: 'none' }
  if (/^[+-]?\d+$/.test(value)) {
    const seconds = Number(value)
    if (seconds >= FIRST && seconds <= LAST) return { kind: 'time', seconds }
    throw new CooperageError('E_DF_EPOCH', `invalid SOURCE_DATE_EPOCH: ${value}`, {
      hint: 'it is outside the years 1 to 9999',
      data: { value },
    })
  }
  if (value === 'context') return { kind: 'context' }
  const context = findNamedContext(input.namedContexts, value)
  if (context !== undefined) return { kind: 'context', context }
  const stage = dockerfile.stages.find(({ name }) => name !== '' && name === value.toLowerCase())
  if (stage !== undefined) {
    return at(locate(dockerfile, stage.range), () => stageSource(stage, input))
  }
  throw new CooperageError('E_DF_EPOCH', `invalid SOURCE_DATE_EPOCH: ${value}`, {
    hint: HINT,
    data: { value },
  })
}

function stageSource(stage: Stage, { buildArgs, globalArgs, expander }: EpochInput): EpochSource {
  const variables = new Map(globalArgs)
  // It cannot depend on itself.
  variables.delete('SOURCE_DATE_EPOCH')
  if (expander.word(stage.baseName, variables) !== 'scratch') {
    throw refuse('SOURCE_DATE_EPOCH stage must use FROM scratch')
  }
  let found: EpochSource | undefined
  for (const command of stage.commands) {
    if (command.kind === 'arg') declare(command, variables, { buildArgs, expander })
    else if (command.kind !== 'add') {
      throw refuse(
        `SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported ${command.kind} instruction`,
      )
    } else if (found !== undefined)
      throw refuse('SOURCE_DATE_EPOCH stage must contain exactly one remote ADD')
    else found = addSource(command, stage, (text) => expander.word(text, variables))
  }
  if (found !== undefined) return found
  throw refuse('SOURCE_DATE_EPOCH stage must contain exactly one remote ADD')
}

function declare(
  { args }: ArgCommand,
  variables: Map<string, string>,
  { buildArgs, expander }: Pick<EpochInput, 'buildArgs' | 'expander'>,
): void {
  for (const { key, value } of args) {
    const given = buildArgs.get(key) ?? (value === undefined ? undefined : expander.word(value, variables))
    if (given !== undefined) variables.set(key, given)
  }
}

function addSource(command: AddCommand, stage: Stage, word: (text: string) => string): EpochSource {
  const [first, second] = command.sources
  if (first === undefined || second !== undefined || command.heredocs.length > 0) {
    throw refuse('SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source')
  }
  const source = word(first)
  if (remoteKind(source) === undefined) {
    throw refuse('SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD')
  }
  const { keepGitDir = false } = command
  return { kind: 'add', source, checksum: word(command.checksum), keepGitDir, stage }
}

function refuse(message: string): CooperageError {
  return new CooperageError('E_DF_EPOCH', message, { hint: HINT })
}
