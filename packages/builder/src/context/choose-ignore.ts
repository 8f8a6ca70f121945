import { CooperageError } from '@cooperage/store'
import { bothMatchers } from './ignore/both-matchers.js'
import { createGitignoreMatcher } from './ignore/create-gitignore-matcher.js'
import { createIgnoreMatcher, type IgnoreMatcher } from './ignore/create-ignore-matcher.js'
import type { ContextLoadOptions } from './source.js'

type ReadFile = (path: string) => Promise<Uint8Array | undefined>

/**
 * The ignore file that holds for a build: one given outright, one with git's rules, the one beside the Dockerfile, or
 * the one at the root; undefined when there is none. @throws E_IGNORE_PATTERN, E_CTX_MISSING, and what `readFile` throws
 */
export async function chooseIgnore(
  readFile: ReadFile,
  options: ContextLoadOptions,
): Promise<IgnoreMatcher | undefined> {
  const docker = await dockerignore(readFile, options)
  const git = await ignoreFrom(readFile, options.ignoreFrom)
  return docker === undefined || git === undefined ? (docker ?? git) : bothMatchers(docker, git)
}

async function dockerignore(
  readFile: ReadFile,
  options: ContextLoadOptions,
): Promise<IgnoreMatcher | undefined> {
  if (options.ignore) return createIgnoreMatcher(options.ignore.text, { file: options.ignore.file })
  const dockerfile = await firstThere(readFile, options.dockerfile)
  const beside = dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]
  for (const file of [...beside, '.dockerignore']) {
    const text = await readFile(file)
    if (text) return createIgnoreMatcher(text, { file })
  }
  return undefined
}

async function firstThere(
  readFile: ReadFile,
  names: ContextLoadOptions['dockerfile'],
): Promise<string | undefined> {
  if (names === undefined || typeof names === 'string') return names
  for (const name of names) if ((await readFile(name)) !== undefined) return name
  return names[0]
}

async function ignoreFrom(readFile: ReadFile, file: string | undefined): Promise<IgnoreMatcher | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(file)
  if (text) return createGitignoreMatcher(text, { file })
  throw new CooperageError('E_CTX_MISSING', `the ignore file ${JSON.stringify(file)} is not in the context`, {
    data: { path: file },
  })
}
