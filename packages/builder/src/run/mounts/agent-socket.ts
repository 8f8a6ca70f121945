import { chmodSync, closeSync, openSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { SshAgent } from '../../secrets/open-ssh.js'
import { runTool, type ToolOptions } from '../tool.js'
import { keyAgent } from './key-agent.js'

export interface AgentSocketOptions extends ToolOptions {
  /** A directory of this run alone, of mode 0700. */
  readonly directory: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/**
 * A socket of its own for one step, behind which the agent answers: the step never holds the agent's own socket, or a
 * key, and what it holds ends with it.
 */
export async function agentSocket(
  agent: SshAgent,
  options: AgentSocketOptions,
): Promise<AsyncDisposable & { readonly path: string }> {
  const own = agent.kind === 'keys' ? await keyAgent(agent.paths, options) : undefined
  const connections = new Set<Socket>()
  const server = createServer((socket) =>
    pair(socket, connect(own?.path ?? (agent as { path: string }).path), connections),
  )
  const dispose = async () => {
    for (const connection of connections) connection.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
    await own?.[Symbol.asyncDispose]()
  }
  const path = join(options.directory, 'agent')
  try {
    await listen(server, options.directory)
    chmodSync(path, options.mode)
    if (options.uid !== 0 || options.gid !== 0) {
      await runTool(['chown', `${options.uid}:${options.gid}`, path], options)
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return { path, [Symbol.asyncDispose]: dispose }
}

/** An address has room for 108 bytes, which is less than the path of a store may have. */
async function listen(server: Server, directory: string): Promise<void> {
  const descriptor = openSync(directory, 'r')
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(`/proc/self/fd/${descriptor}/agent`, resolve)
    })
  } finally {
    closeSync(descriptor)
  }
}

function pair(socket: Socket, upstream: Socket, connections: Set<Socket>): void {
  for (const [from, to] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    connections.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      connections.delete(from)
      to.end()
    })
    from.pipe(to)
  }
}
