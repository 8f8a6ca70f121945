import { Complaint } from '../dockerfile/complaint.js'
import { lowerCase } from '../dockerfile/go-text.js'
import { suggestion } from './suggest.js'

/** `text`: at most once, with a value; `texts`: any number of times; `switch`: alone, or `=true`, `=false`. */
export type FlagKind = 'text' | 'texts' | 'switch'

/** Flags by name; the order decides between equally near suggestions. */
export type FlagTable = Readonly<Record<string, FlagKind>>

/** A `text` or `switch` that was not given is undefined. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends 'texts'
    ? readonly string[]
    : Table[Name] extends 'switch'
      ? boolean | undefined
      : string | undefined
}

/** Reads `--name=value` words against a table. Everything that does not fit is a `Complaint` (E_DF_FLAG). */
export function readFlags<Table extends FlagTable>(
  words: readonly string[],
  table: Table,
  instruction: string,
): FlagValues<Table> {
  const lists = new Map<string, string[]>()
  const values: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(table)) {
    if (kind === 'texts') lists.set(name, [])
    values[name] = lists.get(name)
  }
  const used = new Set<string>()
  for (const word of words) {
    if (word === '--') break
    const equals = word.indexOf('=')
    const flag = equals < 0 ? word : word.slice(0, equals)
    const value = equals < 0 ? undefined : word.slice(equals + 1)
    const name = flag.slice(2)
    const kind = Object.hasOwn(table, name) ? table[name] : undefined
    if (kind === undefined) throw unknownFlag(flag, table, instruction)
    if (used.has(name) && kind !== 'texts') {
      throw complaint(`duplicate flag specified: ${flag}`, `give ${flag} once`)
    }
    used.add(name)
    if (kind === 'switch') values[name] = switchValue(flag, value)
    else if (value === undefined) {
      throw complaint(`missing a value on flag: ${flag}`, `write ${flag}=value, without a blank`)
    } else if (kind === 'texts') lists.get(name)?.push(value)
    else values[name] = value
  }
  return values as FlagValues<Table>
}

function switchValue(flag: string, value: string | undefined): boolean {
  if (value === undefined) return true
  if (value === '') throw complaint(`missing a value on flag: ${flag}`, `write ${flag} or ${flag}=true`)
  const lower = lowerCase(value)
  if (lower === 'true' || lower === 'false') return lower === 'true'
  throw complaint(`expecting boolean value for flag ${flag}, not: ${value}`, `write ${flag} or ${flag}=false`)
}

function unknownFlag(flag: string, table: FlagTable, instruction: string): Complaint {
  const names = Object.keys(table)
  const message = `unknown flag: ${flag}${suggestion(flag.slice(2), names)}`
  const allowed = names.map((name) => `--${name}`)
  return new Complaint('E_DF_FLAG', message, {
    hint:
      allowed.length === 0 ? `${instruction} takes no flags` : `${instruction} takes ${allowed.join(', ')}`,
    data: { flag, allowed },
  })
}

function complaint(message: string, hint: string): Complaint {
  return new Complaint('E_DF_FLAG', message, { hint })
}
