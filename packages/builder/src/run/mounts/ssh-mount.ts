import { posix } from 'node:path'
import { CooperageError, type SourceLocation } from '@cooperage/store'
import type { RunMount } from '../../plan/plan.js'
import type { SshAgent, SshSource } from '../../secrets/open-ssh.js'

/** Where a RUN finds the socket of its agent number `index`. */
export function sshTarget(mount: RunMount, index: number): string {
  return mount.target === '' ? `/run/buildkit/ssh_agent.${index}` : posix.resolve('/', mount.target)
}

/** Under which id a mount asks for its agent. */
export function agentId({ id }: RunMount): string {
  return id === '' ? 'default' : id
}

/** The agent, or undefined when nobody gave one and the mount can do without. @throws E_SSH_MISSING */
export function sshAgent(mount: RunMount, ssh: SshSource, location: SourceLocation): SshAgent | undefined {
  const id = agentId(mount)
  const agent = ssh.get(id)
  if (agent !== undefined || !mount.required) return agent
  throw new CooperageError(
    'E_SSH_MISSING',
    `the step needs the SSH agent ${JSON.stringify(id)}, which was not given`,
    {
      location,
      hint: `give it with --ssh ${id}=SOCKET`,
      data: { id },
    },
  )
}
