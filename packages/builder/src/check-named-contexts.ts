import { CooperageError, isCooperageError } from '@cooperage/store'
import type { NamedContext } from './build-options.js'
import { findRoot } from './context/find-root.js'

const FORMS =
  'name a folder, a URL, a git repository, docker-image://NAME, or the folder of an OCI layout as oci-layout://PATH:TAG'

/**
 * A directory or a layout of this machine is there, whether the build uses it or not: a path that is misspelt, or a
 * form that is not known, would else be told as something else, or not at all. @throws E_CTX_MISSING, E_CTX_NOT_DIR, E_CTX_ACCESS
 */
export function checkNamedContexts(contexts: Readonly<Record<string, NamedContext>> = {}): void {
  for (const [name, context] of Object.entries(contexts)) {
    if (context.kind === 'directory' || context.kind === 'oci-layout') checkPath(name, context.path)
  }
}

function checkPath(name: string, path: string): void {
  try {
    findRoot(path)
  } catch (cause) {
    if (!isCooperageError(cause)) throw cause
    const { code, message, category, data } = cause
    throw new CooperageError(code, `build context ${name}: ${message}`, {
      category,
      hint: code === 'E_CTX_ACCESS' && cause.hint !== undefined ? cause.hint : FORMS,
      data: { ...data, name },
      cause,
    })
  }
}
