import { isCooperageError } from '@cooperage/store'
import type { ArgCommand, Command, Dockerfile, EnvCommand } from '../instructions/commands.js'
import { suggestion } from '../instructions/suggest.js'
import { OverlayMap } from '../steps/overlay-map.js'
import type { Expander } from './expander.js'
import { parseImageName } from './image-name.js'
import { emptySource, unknownVariable } from './source-errors.js'
import type { StageGraph } from './stage-graph.js'

/** Characters of the longest default that is kept. No name of an image is as long, and what doubles with every line stays small. */
const LONGEST = 4096

/** What all stages share. */
export type SharedArgs = Pick<StageGraph, 'globalArgs' | 'buildArgs' | 'expander'> & {
  readonly dockerfile: Pick<Dockerfile, 'globalArgs'>
}

/**
 * The arguments that `--from` of a line may use: those above the first FROM, and those that the stage and the stages
 * below it declared before the line. Which stages a build needs must be known before one of them is evaluated and
 * before an image is looked at, so ENV has no say; an argument that hangs on ENV is refused, not guessed.
 */
export class SourceArgs {
  readonly #shared: SharedArgs
  /** What the stage declared, for the defaults of further ones. */
  readonly #values = new Map<string, string>()
  /** The same, above those that every stage sees in `--from`. */
  readonly #visible: Map<string, string>
  readonly #declared: Set<string>
  /** Arguments whose value is not what the text of ARG says, with the reason. */
  readonly #unsettled = new Map<string, string>()
  /** What an ENV set, where that is known: it wins again in a stage that starts from this one. */
  readonly #env = new Map<string, string | undefined>()

  /** Those at the start of a stage: `below` has what its base stage declared. */
  constructor(shared: SharedArgs, below?: SourceArgs) {
    this.#shared = shared
    this.#visible = new OverlayMap(shared.globalArgs)
    this.#declared = new Set(below === undefined ? [] : below.#declared)
    if (below === undefined) return
    for (const [name, value] of below.#values) this.#set(name, value)
    this.#unsettled = new Map(below.#unsettled)
    this.#env = new Map(below.#env)
    for (const [name, value] of this.#env) this.#hide(name, value)
  }

  /** Entries that a stage on top copies. */
  get size(): number {
    return this.#values.size + this.#declared.size + this.#unsettled.size + this.#env.size
  }

  /** Takes in what a command declares. */
  read(command: Command): void {
    if (command.kind === 'arg') this.#readArg(command)
    if (command.kind === 'env') this.#readEnv(command)
  }

  /**
   * A `from` with its variables replaced and its quotes removed.
   * @throws E_DF_VAR for a variable that is not known here, E_DF_STAGE_REF when nothing is left; both without a location
   */
  expand(from: string): string {
    const { text, matched, unmatched } = this.#expander.match(from, this.#visible)
    for (const name of [...matched, ...unmatched]) {
      const why = this.#unsettled.get(name)
      if (why !== undefined)
        throw unknownVariable(from, { name, hint: why, problem: 'is not known this early' })
    }
    for (const name of unmatched) {
      if (this.#isDeclared(name)) continue
      const known = [...this.#shared.globalArgs.keys(), ...this.#declared]
      throw unknownVariable(from, {
        name,
        problem: `is not declared${suggestion(name, known)}`,
        hint: `declare it with ARG ${name} in the stage above this line, or above the first FROM; ENV does not count in --from`,
      })
    }
    const blank = [...matched, ...unmatched].filter((name) => !this.#visible.get(name))
    const isName = text !== '' && (blank.length === 0 || 'reference' in parseImageName(text.toLowerCase()))
    if (!isName) throw emptySource(from, text, blank.length > 0 ? blank : [...matched])
    return text
  }

  get #expander(): Expander {
    return this.#shared.expander
  }

  #set(name: string, value: string): void {
    this.#values.set(name, value)
    this.#visible.set(name, value)
  }

  #isDeclared(name: string): boolean {
    const { globalArgs } = this.#shared.dockerfile
    return this.#declared.has(name) || globalArgs.some(({ args }) => args.some(({ key }) => key === name))
  }

  #readArg({ args }: ArgCommand): void {
    const { buildArgs, globalArgs } = this.#shared
    for (const { key, value } of args) {
      this.#declared.add(key)
      const given = buildArgs.get(key) ?? (value === undefined ? globalArgs.get(key) : this.#settled(value))
      if (given !== undefined) {
        this.#set(key, given)
        this.#unsettled.delete(key)
      } else if (value !== undefined) {
        this.#unsettled.set(
          key,
          `use in the default of ARG ${key} only what an ARG of the stage gives a value`,
        )
      }
    }
  }

  /** The whole line is expanded before any of it takes effect. */
  #readEnv({ pairs }: EnvCommand): void {
    const found = pairs.map(({ key, value }) => [this.#settled(key), this.#settled(value)] as const)
    for (const [key, value] of found) {
      if (key === undefined) continue
      this.#env.set(key, value)
      this.#hide(key, value)
    }
  }

  /** An ENV of that value covers the argument; one of the same value makes no difference. */
  #hide(name: string, value: string | undefined): void {
    if (value !== undefined && this.#values.get(name) === value && !this.#unsettled.has(name)) return
    this.#unsettled.set(name, `ENV sets ${name}, and does not count in --from: use an ARG of another name`)
  }

  /** A word whose variables are all arguments with a value, expanded. */
  #settled(text: string): string | undefined {
    try {
      const found = this.#expander.match(text, this.#values)
      const isOpen = found.unmatched.size > 0 || [...found.matched].some((name) => this.#unsettled.has(name))
      return isOpen || found.text.length > LONGEST ? undefined : found.text
    } catch (error) {
      // The word is judged, and refused with its own place, when its stage is evaluated.
      if (!isCooperageError(error) || (error.code !== 'E_DF_VAR' && error.code !== 'E_LIMIT')) throw error
      return undefined
    }
  }
}
