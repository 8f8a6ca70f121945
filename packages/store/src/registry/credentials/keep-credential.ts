import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CooperageError, hasErrno, isCooperageError } from '../../errors.js'
import { makeDirectoryPath } from '../../make-directory-path.js'
import { hostConfigFiles } from '../config-files.js'
import type { Credential } from '../credential.js'
import { encodeAuthEntry } from './auth-entry.js'
import { parseAuthFile } from './auth-file.js'
import { type AuthFilePath, authFilePaths } from './auth-file-paths.js'
import {
  askHelper,
  eraseWithHelper,
  type HelperCall,
  type HelperOptions,
  storeWithHelper,
} from './credential-helper.js'
import { type AuthEdit, editAuthFile } from './edit-auth-file.js'
import { hostOf, nameOfKey, serverOf } from './server-names.js'
import { helperFor } from './system-credentials.js'

export interface KeepOptions extends HelperOptions {
  /** For podman's place below `/run/containers`. */
  readonly uid?: number
}

/** Where a credential was put, or taken from. */
export interface CredentialPlace {
  readonly file: string
  /** The program that has it; without one it stands in the file, readable for whoever can read that. */
  readonly helper?: string
}

/**
 * Keeps the credential of a registry where Docker and podman find it: in the first file that a variable names, else in
 * Docker's, or with the helper that this file names for the host. The file appears whole under its name, with owner and
 * mode of the one before, or with mode 0600; of a link the file behind it is replaced. Members that this program does
 * not know stay.
 * @throws E_CREDENTIALS, E_CREDENTIALS_HELPER_MISSING, E_HOME
 */
export async function keepCredential(
  host: string,
  credential: Credential,
  options: KeepOptions,
): Promise<CredentialPlace> {
  const target = targetFile(options)
  const { path } = target
  const bytes = (await hostConfigFiles.read(path)) ?? new Uint8Array()
  const name = helperFor(parseAuthFile(bytes, path), nameOfKey(host))?.name
  const key = keyFor(target, host)
  if (name === undefined) {
    await edit(path, bytes, { file: path, key, entry: encodeAuthEntry(credential) })
    return { file: path }
  }
  await storeWithHelper({ name, server: serverOf(host) }, secretOf(credential), options)
  // The mark by which Docker knows that there is one, and the end of what stood there before.
  await edit(path, bytes, { file: path, key, entry: {} })
  return { file: path, helper: name }
}

/**
 * Forgets the credentials of a registry in every file that is read for them, and with the helpers those name for it.
 * Idempotent: the places where there was something, with the helper where it had something.
 * @throws as `keepCredential`
 */
export async function forgetCredential(host: string, options: KeepOptions): Promise<CredentialPlace[]> {
  const places: CredentialPlace[] = []
  for (const target of authFilePaths(options.environment, options.uid)) {
    const { path } = target
    const bytes = await hostConfigFiles.read(path)
    if (bytes === undefined) continue
    const file = parseAuthFile(bytes, path)
    const helper = helperFor(file, nameOfKey(host))
    const isMarked = [...file.auths.keys()].some((key) => nameOfKey(key) === nameOfKey(host))
    const isExpected = isMarked || helper?.isOfHost === true
    const erased =
      helper !== undefined &&
      (await erase({ name: helper.name, server: serverOf(host) }, { ...options, isExpected }))
    const changed = await edit(path, bytes, { file: path, key: keyFor(target, host), entry: undefined })
    if (changed || erased) places.push({ file: path, ...(erased && { helper: helper.name }) })
  }
  return places
}

/**
 * Whether there was something. A helper for all hosts that fails, or is not there, has nothing of a host that no file
 * says it has.
 */
async function erase(
  call: HelperCall,
  options: HelperOptions & { readonly isExpected: boolean },
): Promise<boolean> {
  try {
    const isThere = await holds(call, options)
    await eraseWithHelper(call, options)
    return isThere
  } catch (error) {
    if (options.isExpected || !isCooperageError(error)) throw error
    return false
  }
}

/** What cannot be read may be there, and be forgotten all the same. */
async function holds(
  call: HelperCall,
  options: HelperOptions & { readonly isExpected: boolean },
): Promise<boolean> {
  try {
    return (await askHelper(call, options)) !== undefined
  } catch (error) {
    if (!isCooperageError(error)) throw error
    return options.isExpected
  }
}

function targetFile({ environment, uid }: KeepOptions): AuthFilePath {
  const paths = authFilePaths(environment, uid)
  // Those that a variable names come first, and Docker's own after them.
  const named = environment.DOCKER_CONFIG || environment.REGISTRY_AUTH_FILE
  const target = named ? paths[0] : paths.find(({ kind }) => kind === 'docker')
  if (target !== undefined) return target
  throw new CooperageError('E_HOME', 'there is no place for a credential: HOME is not set', {
    hint: 'set HOME, or name the folder of the configuration of Docker with DOCKER_CONFIG',
  })
}

/** podman knows docker.io by its name, Docker by an old URL; either reads what the other wrote. */
function keyFor(target: AuthFilePath, host: string): string {
  return target.kind === 'docker' ? serverOf(host) : hostOf(nameOfKey(host))
}

function secretOf(credential: Credential): Parameters<typeof storeWithHelper>[1] {
  switch (credential.kind) {
    case 'password':
      return { username: credential.username, secret: credential.password, isToken: false }
    case 'identity':
      return { username: credential.username ?? '', secret: credential.token, isToken: true }
    case 'bearer':
      throw new CooperageError('E_CREDENTIALS', 'a bearer token cannot be given to a credential helper')
  }
}

async function edit(path: string, bytes: Uint8Array, change: AuthEdit): Promise<boolean> {
  const next = editAuthFile(bytes, change)
  if (next !== undefined) await replaceFile(await behindLinks(path), next)
  return next !== undefined
}

/** The path that a link, dangling or not, leads to. */
async function behindLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
  }
  try {
    return resolve(dirname(path), await readlink(path))
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EINVAL')) return path
    throw error
  }
}

/** As Docker does: who runs this as root takes no file from its owner, and a file that a group reads stays so. */
async function likeBefore(file: FileHandle, path: string): Promise<void> {
  try {
    const before = await stat(path)
    await file.chown(before.uid, before.gid)
    await file.chmod(before.mode & 0o777)
  } catch (error) {
    // Another's file in a directory of ours: mode 0600 is then for us alone.
    if (!hasErrno(error, 'ENOENT', 'EPERM', 'EINVAL', 'ENOTSUP')) throw error
  }
}

async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await makeDirectoryPath(dirname(path), 0o700)
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    {
      await using file = await open(temporary, 'wx', 0o600)
      await file.writeFile(bytes)
      await likeBefore(file, path)
      await file.sync()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    if (!hasErrno(cause, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC')) throw cause
    throw new CooperageError('E_CREDENTIALS', `${path} cannot be written`, {
      hint: 'name a folder that can be with DOCKER_CONFIG',
      data: { path, errno: (cause as NodeJS.ErrnoException).code },
      cause,
    })
  }
}
