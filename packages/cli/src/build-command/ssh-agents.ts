import { parseSsh } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'

/** What every `--ssh` stands for, by id: a socket or files with keys. @throws E_SSH_TWICE, E_SSH_MISSING */
export function sshAgents(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const text of texts) {
    const { id, paths } = parseSsh(text)
    if (found.has(id)) {
      throw new CooperageError('E_SSH_TWICE', `--ssh names ${JSON.stringify(id)} twice`, {
        hint: 'several keys of one id are written as ID=KEY,KEY',
        data: { id },
      })
    }
    found.set(id, paths.length > 0 ? paths : [ownAgent(id, env.SSH_AUTH_SOCK)])
  }
  return Object.fromEntries(found)
}

function ownAgent(id: string, socket: string | undefined): string {
  if (socket !== undefined && socket !== '') return socket
  throw new CooperageError('E_SSH_MISSING', `--ssh ${id} names no agent, and SSH_AUTH_SOCK is not set`, {
    hint: `start an agent, or name a socket or a key: --ssh ${id}=PATH`,
    data: { id },
  })
}
