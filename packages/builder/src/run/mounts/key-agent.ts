import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CooperageError } from '@cooperage/store'
import { boundCommand } from '../sandbox/init/bound-program.js'
import { runTool, startTool, type ToolOptions } from '../tool.js'

const PATIENCE = 5000
/** Of the socket. Its path is too long for an address where a store's is. */
const NAME = 'keys'

/**
 * An agent of ours that knows these private keys, for as long as a step runs, and no longer than this process lives. Keys
 * with a passphrase are refused: nobody is asked. @throws E_SSH_KEY, E_TOOL where OpenSSH is missing
 */
export async function keyAgent(
  keys: readonly string[],
  options: { readonly directory: string; readonly signal: AbortSignal },
): Promise<AsyncDisposable & { readonly path: string }> {
  const { directory, signal } = options
  const here = { enter: boundCommand(directory), signal }
  const tool = startTool(['ssh-agent', '-D', '-a', NAME], here, ['ignore', 'ignore', 'pipe'])
  const isOver = () => tool.child.exitCode !== null || tool.child.signalCode !== null
  const descriptor = openSync(directory, 'r')
  const dispose = async () => {
    closeSync(descriptor)
    if (isOver()) return
    tool.child.kill('SIGTERM')
    await once(tool.child, 'close')
  }
  try {
    for (let waited = 0; !existsSync(join(directory, NAME)); waited += 10) {
      if (isOver()) await tool.ended
      if (waited > PATIENCE) throw noSocket()
      await setTimeout(10, undefined, { signal })
    }
    for (const key of keys) await addKey(key, here)
  } catch (error) {
    await dispose()
    throw error
  }
  return { path: `/proc/self/fd/${descriptor}/${NAME}`, [Symbol.asyncDispose]: dispose }
}

function noSocket(): CooperageError {
  return new CooperageError('E_TOOL', `ssh-agent made no socket in ${PATIENCE / 1000} seconds`, {
    category: 'sandbox',
    data: { tool: 'ssh-agent' },
  })
}

async function addKey(key: string, here: ToolOptions): Promise<void> {
  // Without a terminal and a display ssh-add has nobody to ask.
  const command = [
    'env',
    `SSH_AUTH_SOCK=${NAME}`,
    'SSH_ASKPASS_REQUIRE=never',
    'setsid',
    '-w',
    'ssh-add',
    '-q',
    '--',
    key,
  ]
  try {
    await runTool(command, here)
  } catch (error) {
    here.signal.throwIfAborted()
    throw new CooperageError('E_SSH_KEY', `the agent does not take the key ${key}`, {
      hint: 'it must be a private key without a passphrase, for this user alone; else use an agent: --ssh default',
      data: { path: key },
      cause: error,
    })
  }
}
