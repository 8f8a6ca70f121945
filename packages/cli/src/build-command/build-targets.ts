import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { remoteKind } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'

/** One build among those that a command line asks for. */
export interface BuildTarget {
  /** What `{name}` stands for. */
  readonly name: string
  /** A folder, a URL, or `-` for stdin. */
  readonly context: string
  /** Path of the Dockerfile, `-` for stdin; absent = the one of the context. */
  readonly dockerfile?: string
}

const PATTERN = /[*?[{]|[!+@]\(/

/**
 * The builds that PATH… and --file ask for. A pattern that is the name of something that exists is that name.
 * Matches come in the order of their bytes. @throws E_CLI when a pattern matches nothing.
 */
export async function buildTargets(
  paths: readonly string[],
  file: string | undefined,
): Promise<BuildTarget[]> {
  const contexts = await expandAll(paths, 'directories')
  const files = file === undefined || file === '-' ? undefined : await expand(file, 'files')
  if (files?.pattern) {
    if (contexts.length > 1) {
      throw new CooperageError('E_CLI', 'a pattern in --file goes with one PATH at most', {
        hint: `${contexts.length} were given: ${contexts.slice(0, 3).join(' ')}`,
      })
    }
    return files.matches.map((match) => ({
      name: nameOfDockerfile(match),
      context: contexts[0] ?? dirname(match),
      dockerfile: match,
    }))
  }
  return (contexts.length === 0 ? ['.'] : contexts).map((context) => ({
    name: nameOfFolder(context),
    context,
    ...(file === undefined ? {} : { dockerfile: inside(context, file, contexts.length > 1) }),
  }))
}

/** With several contexts a relative --file is meant in each of them; with one it is a path of the caller, as in docker. */
function inside(context: string, file: string, several: boolean): string {
  const isPath = several && file !== '-' && !file.startsWith('/') && remoteKind(context) === undefined
  return isPath ? join(context, file) : file
}

async function expandAll(paths: readonly string[], kind: 'files' | 'directories'): Promise<string[]> {
  const expanded = await Promise.all(paths.map((path) => expand(path, kind)))
  return expanded.flatMap(({ matches }) => matches)
}

async function expand(
  path: string,
  kind: 'files' | 'directories',
): Promise<{ readonly pattern: boolean; readonly matches: string[] }> {
  // A question mark in a URL begins its query.
  const isLiteral = path === '-' || remoteKind(path) !== undefined
  if (isLiteral || !PATTERN.test(path) || (await exists(path))) return { pattern: false, matches: [path] }
  const { default: glob } = await import('fast-glob')
  const found = await glob(path.replace(/\/+$/, ''), {
    onlyFiles: kind === 'files',
    onlyDirectories: kind === 'directories',
    followSymbolicLinks: false,
    unique: true,
  })
  if (found.length === 0) {
    throw new CooperageError(
      'E_CLI',
      `no ${kind === 'files' ? 'file' : 'folder'} matches ${JSON.stringify(path)}`,
    )
  }
  return { pattern: true, matches: found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** `services/api/Dockerfile` is `api`; `docker/api.Dockerfile` and `docker/Dockerfile.api` are `api` too. */
function nameOfDockerfile(path: string): string {
  const file = basename(path)
  const rest = /^(.+)\.Dockerfile$/i.exec(file)?.[1] ?? /^Dockerfile\.(.+)$/i.exec(file)?.[1]
  return rest ?? nameOfFolder(dirname(path))
}

function nameOfFolder(path: string): string {
  if (path === '-') return 'stdin'
  if (remoteKind(path) === undefined) return basename(resolve(path))
  // `https://host/app.git#ref` and `https://host/app.tar.gz?x` are `app`.
  const last = basename(path.replace(/[?#].*$/s, '').replace(/^.*:/s, ''))
  return last.replace(/\.(?:git|tar|tgz|tar\.[a-z0-9]+)$/, '')
}
