import { fromUtf8, isCooperageError } from '@cooperage/store'
import { chooseIgnore } from './choose-ignore.js'
import { findRoot } from './find-root.js'
import { mayBeWorthTelling, measureGitignored } from './measure-gitignored.js'
import { readDirectoryFile } from './read-directory-file.js'
import type { ContextLoadOptions, ContextSource, LoadedContext } from './source.js'
import { walkDirectory } from './walk-directory.js'

export interface DirectoryOptions {
  /** Entries at most, ignored ones included. Default 5,000,000. */
  readonly limit?: number
}

/**
 * A directory of this machine as a context. Extended attributes of its files are not read: Node has no call for them.
 */
export function directory(path: string, options: DirectoryOptions = {}): ContextSource {
  return {
    name: path,
    load: (load = {}) => loadDirectory(path, { ...options, ...load }),
    readFile: async (file) => readDirectoryFile(findRoot(path), fromUtf8(file)),
  }
}

async function loadDirectory(
  path: string,
  options: DirectoryOptions & ContextLoadOptions,
): Promise<LoadedContext> {
  const root = findRoot(path)
  const readFile = async (file: string) => readDirectoryFile(root, fromUtf8(file))
  const ignore = await chooseIgnore(readFile, options)
  const { ignored, signal, limit, leaveOut } = options
  const walked = await walkDirectory(root, {
    ignore,
    ignored,
    signal,
    leaveOut,
    ...(limit === undefined ? {} : { limit }),
  })
  const rules = mayBeWorthTelling(walked.bytes) ? await readGitignore(readFile) : undefined
  const gitignored = rules && (await measureGitignored(walked.tree, rules, signal))
  return {
    ...walked,
    ...(ignore ? { ignore } : {}),
    ...(gitignored ? { gitignored } : {}),
    identity: `directory:${root}`,
    readFile,
  }
}

/** A file that cannot be read only costs a piece of advice. */
async function readGitignore(readFile: LoadedContext['readFile']): Promise<Uint8Array | undefined> {
  try {
    return await readFile('.gitignore')
  } catch (error) {
    if (isCooperageError(error)) return undefined
    throw error
  }
}
