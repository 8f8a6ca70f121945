import { join } from 'node:path'

export type Variables = Readonly<Record<string, string | undefined>>

/** A file that may hold credentials. */
export interface AuthFilePath {
  readonly path: string
  /** How the hosts are spelled in it. */
  readonly kind: 'docker' | 'containers'
}

/**
 * Where Docker and podman keep credentials, in the order of asking: what a variable names, then Docker's file, then
 * podman's. Without HOME there are only those that a variable names. `uid` is for podman's place of those who have no
 * XDG_RUNTIME_DIR, as root often has not.
 */
export function authFilePaths(environment: Variables, uid?: number): AuthFilePath[] {
  const value = (name: string) => environment[name] || undefined
  const below = (folder: string | undefined, rest: string) => folder && join(folder, rest)
  const home = value('HOME')
  const configHome = value('XDG_CONFIG_HOME') ?? below(home, '.config')
  const runtime = value('XDG_RUNTIME_DIR') ?? (uid === undefined ? undefined : `/run/containers/${uid}`)
  const isOfUser = value('XDG_RUNTIME_DIR') !== undefined
  const candidates: readonly (readonly [AuthFilePath['kind'], string | undefined])[] = [
    ['docker', below(value('DOCKER_CONFIG'), 'config.json')],
    ['containers', value('REGISTRY_AUTH_FILE')],
    ['docker', value('DOCKER_CONFIG') === undefined ? below(home, '.docker/config.json') : undefined],
    ['containers', below(runtime, isOfUser ? 'containers/auth.json' : 'auth.json')],
    ['containers', below(configHome, 'containers/auth.json')],
  ]
  return candidates.flatMap(([kind, path]) => (path === undefined ? [] : [{ kind, path }]))
}
