import type { Nanoseconds } from '@cooperage/store'
import { Complaint } from '../dockerfile/complaint.js'
import { goQuote } from '../dockerfile/go-quote.js'
import { upperCase } from '../dockerfile/go-text.js'
import { commandArguments } from './command-line.js'
import type { HealthcheckCommand } from './commands.js'
import { DurationError, parseGoDuration } from './go-duration.js'
import { NumberError, parseGoInt32 } from './go-int32.js'
import { baseOf, flagsOf, type Request, requireArguments } from './request.js'

const FLAGS = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
} as const

const MILLISECOND = 1_000_000n

/** Flags before NONE are accepted and mean nothing, as BuildKit has it. */
export function parseHealthcheck(request: Request): HealthcheckCommand {
  requireArguments(request)
  const type = upperCase(request.args[0] ?? '')
  const base = { kind: 'healthcheck', ...baseOf(request) } as const
  if (type === 'NONE') {
    if (request.args.length > 1) {
      throw new Complaint('E_DF_SYNTAX', 'HEALTHCHECK NONE takes no arguments', {
        hint: 'write HEALTHCHECK NONE alone',
      })
    }
    return { ...base, test: ['NONE'], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 }
  }
  const flags = flagsOf(request, FLAGS)
  return {
    ...base,
    test: testOf(type, request),
    interval: durationOf('interval', flags.interval),
    timeout: durationOf('timeout', flags.timeout),
    startPeriod: durationOf('start-period', flags['start-period']),
    startInterval: durationOf('start-interval', flags['start-interval']),
    retries: retriesOf(flags.retries),
  }
}

function testOf(type: string, request: Request): readonly string[] {
  if (type !== 'CMD') {
    throw new Complaint('E_DF_SYNTAX', `Unknown type ${goQuote(type)} in HEALTHCHECK (try CMD)`, {
      hint: 'write HEALTHCHECK CMD command, or HEALTHCHECK NONE',
    })
  }
  const command = commandArguments(request.args.slice(1), request.node.json)
  if (command.length === 0) {
    throw new Complaint('E_DF_SYNTAX', 'Missing command after HEALTHCHECK CMD', {
      hint: 'write the command that tells whether the container is well',
    })
  }
  return [request.node.json ? 'CMD' : 'CMD-SHELL', ...command]
}

/** Nanoseconds; nothing and zero both mean that the runtime chooses. */
function durationOf(name: string, value: string | undefined): Nanoseconds {
  if (value === undefined || value === '') return 0
  const duration = parsed(value)
  if (duration !== 0n && duration < MILLISECOND) {
    throw new Complaint('E_DF_DURATION', `Interval ${goQuote(name)} cannot be less than 1ms`, {
      hint: `give --${name} at least 1ms, or 0 for the default`,
    })
  }
  return duration <= Number.MAX_SAFE_INTEGER ? Number(duration) : duration
}

function parsed(value: string): bigint {
  try {
    return parseGoDuration(value)
  } catch (error) {
    if (!(error instanceof DurationError)) throw error
    throw new Complaint('E_DF_DURATION', error.message, {
      hint: 'write a number with a unit (ns, us, ms, s, m, h), such as 30s or 1m30s',
    })
  }
}

function retriesOf(value: string | undefined): number {
  if (value === undefined || value === '') return 0
  const retries = parsedRetries(value)
  if (retries < 0) {
    throw new Complaint('E_DF_FLAG', `--retries cannot be negative (${retries})`, {
      hint: 'give --retries 1 or more, or 0 for the default',
    })
  }
  return retries
}

function parsedRetries(value: string): number {
  try {
    return parseGoInt32(value)
  } catch (error) {
    if (!(error instanceof NumberError)) throw error
    throw new Complaint('E_DF_FLAG', error.message, { hint: 'give --retries a whole number' })
  }
}
