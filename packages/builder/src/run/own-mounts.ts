import type { RunOperation } from '../plan/plan.js'
import { hostsFile } from './mounts/hosts-file.js'
import type { PreparedMount } from './mounts/prepared-mount.js'
import { resolvConf } from './mounts/resolv-conf.js'
import type { RunNetwork } from './run-options.js'
import type { RunSupport } from './run-support.js'

/** What every container finds beside its image: names of hosts and servers. A mount of the step may cover them. */
export async function ownMounts(support: RunSupport, network: RunNetwork): Promise<PreparedMount[]> {
  const hosts = hostsFile(support.hostname, support.options.extraHosts ?? [])
  return [
    publicFile('/etc/resolv.conf', await resolvConf(network), 0o644),
    publicFile('/etc/hosts', hosts, 0o644),
  ]
}

/** The script that a here-document with `#!` is. */
export function scriptMount({ script }: RunOperation): PreparedMount[] {
  return script === undefined ? [] : [publicFile(`/dev/pipes/${script.name}`, script.content, 0o755)]
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
