import { inspect } from 'node:util'
import { type CooperageError, isCooperageError } from '@cooperage/store/errors'
import { escapeLine, escapeLog, escapeText } from './render/escape.js'
import { sourceExcerpt } from './render/source-excerpt.js'
import { asCooperageError } from './system-error.js'

export interface ReportOptions {
  /** Also the stack, the causes and the data. */
  readonly debug: boolean
}

/** An error as a person reads it: `error[CODE]: what`, where, why, what to do. Ends with a line end. */
export function reportError(error: unknown, options: ReportOptions): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !isCooperageError(error)) {
    return error.errors.map((one: unknown) => reportError(one, options)).join('')
  }
  const known = isCooperageError(error) ? error : asCooperageError(error)
  const lines = known ? describe(known) : describeUnknown(error, options)
  if (options.debug) lines.push('', escapeText(inspect(error, { depth: 6 })))
  return `${lines.join('\n')}\n`
}

function describe(error: CooperageError): string[] {
  const lines = [`error[${error.code}]: ${escapeLine(error.message)}`]
  if (error.location) lines.push(...sourceExcerpt(error.location))
  const { expected, found } = error.data
  if (isShort(expected) && isShort(found)) {
    lines.push(`  expected: ${escapeLine(String(expected))}`, `  found:    ${escapeLine(String(found))}`)
  }
  lines.push(...lastOutput(error.data.output))
  const why = reasons(error)
  if (why.length > 0) lines.push(`  why: ${why.join(': ')}`)
  if (error.hint !== undefined) lines.push(`  hint: ${escapeLine(error.hint)}`)
  return lines
}

function describeUnknown(error: unknown, options: ReportOptions): string[] {
  const message = error instanceof Error ? error.message : String(error)
  const lines = [`error[E_INTERNAL]: this is a fault in cooper: ${escapeLine(message.slice(0, 500))}`]
  if (!options.debug) lines.push('  hint: run the command again with --debug for the details of a report')
  return lines
}

/** What a process wrote last, when the error is about one. */
function lastOutput(output: unknown): string[] {
  if (!Array.isArray(output) || output.length === 0) return []
  return ['  output:', ...output.map((line) => `    ${escapeLog(String(line))}`)]
}

function isShort(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= 200)
}

/** The messages of the causes, outermost first, as far as they say something new. */
function reasons(error: CooperageError): string[] {
  const found: string[] = []
  let cause = error.cause
  for (let depth = 0; depth < 4 && cause instanceof Error; depth++) {
    const message = escapeLine(cause.message.split('\n')[0] ?? '').slice(0, 300)
    if (message !== '' && ![error.message, ...found].some((said) => said.includes(message)))
      found.push(message)
    cause = cause.cause
  }
  return found
}
