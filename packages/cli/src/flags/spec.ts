/** A flag of a command: the one place that says how it is spelled, what it takes and whether it is served. */
export interface FlagSpec {
  /** Without the dashes: `build-arg`. */
  readonly name: string
  /** One letter: `t` for `-t`. */
  readonly short?: string
  /** `list` may be given several times, `single` once; of the others the last one counts. */
  readonly kind: 'boolean' | 'text' | 'single' | 'list'
  /** What stands for the value in help: `NAME=VALUE`. */
  readonly value?: string
  /** One line, for help and for the page of commands. */
  readonly summary: string
  /** The only values allowed; of a boolean those that it takes beside true and false, as `--name=value`. */
  readonly choices?: readonly string[]
  /** How a completion may fill the value in. */
  readonly complete?: 'file' | 'directory'
  /** Heading under which help shows it; default `Flags`. */
  readonly group?: string
  /** Of another tool, and refused or without effect here: help only lists its name at the end. */
  readonly hidden?: boolean
  /** Looks at a value that was given; absent = served as the command sees fit. */
  readonly judge?: (value: string) => Verdict
}

/** `note`: accepted, without effect here, and the person is told. `refuse`: not served; says what to do instead. */
export type Verdict =
  | { readonly verdict: 'served' }
  | { readonly verdict: 'note'; readonly text: string }
  | { readonly verdict: 'refuse'; readonly text: string; readonly hint?: string }

export interface CommandSpec {
  readonly name: string
  /** What follows the flags: `[PATH | -]…`. */
  readonly operands: string
  /** How many operands are allowed. */
  readonly arity: readonly [min: number, max: number]
  readonly summary: string
  /** Paragraphs for help and the page of commands. */
  readonly description: readonly string[]
  readonly examples: readonly Example[]
  readonly flags: readonly FlagSpec[]
  /** How a completion may fill an operand in. */
  readonly complete?: 'file' | 'directory'
}

export interface Example {
  readonly command: string
  readonly does: string
}
