import { join } from 'node:path'
import { CooperageError, isCooperageError } from '../../errors.js'
import { type ConfigFiles, hostConfigFiles } from '../config-files.js'
import type { EndpointTls } from '../endpoint.js'
import { checkAuthorities, checkPair } from './check-certificates.js'

/** Finds what a host's certificate is judged by, and what it is shown; undefined: nothing of its own. */
export type HostCertificates = (host: string) => Promise<EndpointTls | undefined>

export interface HostCertificatesOptions {
  /** Folders with one folder a host (`registry.lan:5000`) in them; the first that has one for the host counts. */
  readonly directories: readonly string[]
  /** Default: the files of this machine. */
  readonly files?: ConfigFiles
}

/** Where podman and Docker look (containers-certs.d(5)): the user's folders first. */
export function certificateDirectories(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const config = environment.XDG_CONFIG_HOME || (environment.HOME && join(environment.HOME, '.config'))
  const own = config ? [join(config, 'containers/certs.d'), join(config, 'docker/certs.d')] : []
  return [...own, '/etc/containers/certs.d', '/etc/docker/certs.d']
}

/**
 * Certificates as Docker and podman keep them: `*.crt` are authorities, `*.cert` with the `*.key` of the same name is
 * shown to the server, the first pair of several.
 * @throws E_REG_CERTIFICATE for one half of a pair and for what cannot be used, E_CONFIG_FILE
 */
export function hostCertificates(options: HostCertificatesOptions): HostCertificates {
  const files = options.files ?? hostConfigFiles
  return async (host) => {
    // A host is a name, so this guards only against a caller who takes it from elsewhere.
    if (host === '' || /[/\0]/.test(host) || host.startsWith('.')) return undefined
    for (const directory of options.directories) {
      const folder = join(directory, host)
      const names = await files.list(folder).catch(ofAnother)
      if (names.length > 0) return readFolder(folder, names, files)
    }
    return undefined
  }
}

/**
 * A folder that is closed to this user, as /etc/docker is where an older Docker made it, says nothing about the host;
 * podman passes it over too.
 */
function ofAnother(error: unknown): readonly string[] {
  if (isCooperageError(error) && /^(?:EACCES|EPERM)$/.test(String(error.data.errno))) return []
  throw error
}

async function readFolder(
  folder: string,
  names: readonly string[],
  files: ConfigFiles,
): Promise<EndpointTls | undefined> {
  const read = async (name: string) => {
    const bytes = await files.read(join(folder, name))
    return Buffer.from(bytes ?? []).toString('utf8')
  }
  const ending = (end: string) =>
    names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length))
  const ca = await Promise.all(
    ending('.crt').map(async (name) => {
      const text = await read(`${name}.crt`)
      checkAuthorities(join(folder, `${name}.crt`), text)
      return text
    }),
  )
  const certs = ending('.cert')
  const keys = ending('.key')
  const single = certs.find((name) => !keys.includes(name)) ?? keys.find((name) => !certs.includes(name))
  if (single !== undefined) {
    const lacking = certs.includes(single) ? 'key' : 'cert'
    throw new CooperageError('E_REG_CERTIFICATE', `${folder} lacks ${single}.${lacking}`, {
      hint: 'a certificate for this machine is a pair of NAME.cert and NAME.key; an authority is NAME.crt',
      data: { path: join(folder, `${single}.${lacking}`) },
    })
  }
  const [name] = certs
  if (ca.length === 0 && name === undefined) return undefined
  const pair =
    name === undefined ? undefined : { cert: await read(`${name}.cert`), key: await read(`${name}.key`) }
  if (pair !== undefined) checkPair(folder, name!, pair)
  return { ...(ca.length > 0 && { ca }), ...pair }
}
