import { CooperageError } from '@cooperage/store'
import { startFailure } from '../start-failure.js'

/** What runtimes say when a program of the container is the reason, and the errno that it means. */
const START_FAILURES: readonly (readonly [pattern: RegExp, errno: string])[] = [
  [
    /executable file not found in \$PATH|executable file `[^`]*` not found|no such file or directory/i,
    'ENOENT',
  ],
  [/exec format error/i, 'ENOEXEC'],
  [/text file busy/i, 'ETXTBSY'],
  [/argument list too long/i, 'E2BIG'],
  [/is a directory/i, 'EISDIR'],
  [/permission denied/i, 'EACCES'],
  [/too many levels of symbolic links/i, 'ELOOP'],
]

/**
 * The error that the log of an OCI runtime tells of (`--log-format json`), if any: E_RUN_START when the container's
 * program could not be executed, else E_SANDBOX.
 */
export function runtimeFailure(log: string, program: string): CooperageError | undefined {
  const messages = log.split('\n').flatMap(errorOf)
  const said = messages.at(-1)
  if (said === undefined) return undefined
  // `exec: "x": …` and `exec x: …`: the last thing a runtime does. All that fails before is ours.
  const starting = messages.find((message) => /\bexec(?:ve)?\b[^/\w]*["`/\w]/.test(message))
  const errno = starting && errnoIn(starting)
  if (errno !== undefined) return startFailure(program, errno)
  return new CooperageError('E_SANDBOX', `the OCI runtime cannot make the container: ${said}`, {
    category: 'sandbox',
    hint: 'see what `cooper doctor` says of this machine',
    data: { log: messages },
  })
}

/** `exec /path/program: exec format error`, and nothing else. */
export function execFailure(words: string, program: string): CooperageError | undefined {
  const [, path, reason] = /^exec (\S+): ([a-z ]+)\n$/.exec(words) ?? []
  if (path === undefined || reason === undefined || !path.endsWith(program)) return undefined
  const errno = errnoIn(reason)
  return errno === undefined ? undefined : startFailure(program, errno)
}

function errnoIn(words: string): string | undefined {
  return START_FAILURES.find(([pattern]) => pattern.test(words))?.[1]
}

function errorOf(line: string): string[] {
  if (line.trim() === '') return []
  try {
    const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown }
    return typeof msg === 'string' && (level === 'error' || level === 'fatal') ? [msg] : []
  } catch {
    // The log is cut off at a limit.
    return []
  }
}
