import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunOperation } from '../plan/plan.js'
import { hostsFile } from './mounts/hosts-file.js'
import type { PreparedMount } from './mounts/prepared-mount.js'
import { resolvConf } from './mounts/resolv-conf.js'
import type { ExtraHost, RunNetwork } from './run-options.js'
import type { Executor } from './sandbox/executor.js'

const PIPES = '/dev/pipes'

/** What every container finds beside its image: names of hosts and servers. A mount of the step may cover them. */
export async function ownMounts(about: {
  readonly hostname: string
  readonly extraHosts?: readonly ExtraHost[] | undefined
  readonly network: RunNetwork
}): Promise<PreparedMount[]> {
  const { hostname, extraHosts = [], network } = about
  const hosts = hostsFile(hostname, extraHosts)
  return [
    publicFile('/etc/resolv.conf', await resolvConf(network), 0o644),
    publicFile('/etc/hosts', hosts, 0o644),
  ]
}

/**
 * The script that a here-document with `#!` is, at the place that BuildKit gives it: a directory of its own, which is
 * no secret and from which programs may be run.
 */
export async function scriptMount(
  { script }: RunOperation,
  { executor, scratch }: { readonly executor: Executor; readonly scratch: string },
): Promise<PreparedMount[]> {
  if (script === undefined) return []
  const { name, content } = script
  if (!executor.mounts.includes('bind')) return [publicFile(`${PIPES}/${name}`, content, 0o755)]
  const source = join(scratch, 'pipes')
  await mkdir(source)
  await writeFile(join(source, name), content)
  await chmod(join(source, name), 0o755)
  await chmod(source, 0o755)
  return [
    {
      wanted: { target: PIPES, type: 'directory' },
      at: (target) => ({ kind: 'bind', source, target, readOnly: true }),
    },
  ]
}

function publicFile(target: string, text: string, mode: number): PreparedMount {
  const content = Buffer.from(text)
  return {
    wanted: { target, type: 'file' },
    at: (place) => ({
      kind: 'file',
      target: place,
      content,
      mode,
      uid: 0,
      gid: 0,
      readOnly: true,
      public: true,
    }),
  }
}
