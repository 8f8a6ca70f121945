import { Complaint } from '../dockerfile/complaint.js'
import { goQuote } from '../dockerfile/go-quote.js'
import { trimSpace } from '../dockerfile/go-text.js'
import { parseGoBool } from '../steps/mount-values.js'

/** What `# check=` asks for. */
export interface CheckOptions {
  readonly skip: ReadonlySet<string>
  readonly skipAll: boolean
  readonly experimental: ReadonlySet<string>
  readonly experimentalAll: boolean
  /** A finding fails the build. */
  readonly error: boolean
}

const PARTS = 3

/**
 * Reads `skip=A,B;error=true;experimental=all`. As in BuildKit no more than three parts are told apart: a fourth is
 * part of the third one's value. Throws a `Complaint`.
 */
export function parseCheckOptions(text: string): CheckOptions {
  let options: CheckOptions = {
    skip: new Set(),
    skipAll: false,
    experimental: new Set(),
    experimentalAll: false,
    error: false,
  }
  const trimmed = trimSpace(text)
  if (trimmed === '') return options
  for (const part of split(trimmed)) options = { ...options, ...readPart(part) }
  return options
}

function split(text: string): readonly string[] {
  const parts = text.split(';')
  return parts.length <= PARTS ? parts : [...parts.slice(0, PARTS - 1), parts.slice(PARTS - 1).join(';')]
}

function readPart(part: string): Partial<CheckOptions> {
  const equals = part.indexOf('=')
  const key = trimSpace(equals < 0 ? part : part.slice(0, equals))
  const value = trimSpace(part.slice(equals + 1))
  if (equals < 0) throw invalidOption(part)
  switch (key) {
    case 'skip':
      return value === 'all' ? { skipAll: true } : { skip: namesIn(value) }
    case 'experimental':
      return value === 'all' ? { experimentalAll: true } : { experimental: namesIn(value) }
    case 'error': {
      const error = parseGoBool(value)
      if (error !== undefined) return { error }
      const reason = `strconv.ParseBool: parsing ${goQuote(value)}: invalid syntax`
      throw new Complaint('E_DF_DIRECTIVE', `failed to parse check option ${goQuote(part)}: ${reason}`, {
        hint: 'write error=true or error=false',
      })
    }
    default:
      throw invalidOption(key)
  }
}

function namesIn(value: string): ReadonlySet<string> {
  return new Set(value.split(',').map(trimSpace))
}

function invalidOption(key: string): Complaint {
  return new Complaint('E_DF_DIRECTIVE', `invalid check option ${goQuote(key)}`, {
    hint: 'the options are skip=, error= and experimental=, with ";" between them',
  })
}
