import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CooperageError } from '@cooperage/store'
import { runTool, startTool, type ToolOptions } from '../tool.js'

const PATIENCE = 5000

/**
 * An agent of ours that knows these private keys, for as long as a step runs. Keys with a passphrase are refused:
 * nobody is asked. @throws E_SSH_KEY, E_TOOL where OpenSSH is missing
 */
export async function keyAgent(
  keys: readonly string[],
  options: ToolOptions & { readonly directory: string },
): Promise<AsyncDisposable & { readonly path: string }> {
  const { signal } = options
  // Outside of every namespace: the keys are this machine's.
  const here = { enter: [], signal }
  const path = join(options.directory, 'keys')
  const tool = startTool(['ssh-agent', '-D', '-a', path], here, ['ignore', 'ignore', 'pipe'])
  const dispose = async () => {
    if (tool.child.exitCode === null && tool.child.signalCode === null) {
      tool.child.kill('SIGTERM')
      await once(tool.child, 'close')
    }
  }
  try {
    for (let waited = 0; !existsSync(path); waited += 10) {
      if (tool.child.exitCode !== null || waited > PATIENCE) await tool.ended
      await setTimeout(10, undefined, { signal })
    }
    for (const key of keys) await addKey(key, path, signal)
  } catch (error) {
    await dispose()
    throw error
  }
  return { path, [Symbol.asyncDispose]: dispose }
}

async function addKey(key: string, socket: string, signal: AbortSignal): Promise<void> {
  // Without a terminal and a display ssh-add has nobody to ask.
  const command = [
    'env',
    `SSH_AUTH_SOCK=${socket}`,
    'SSH_ASKPASS_REQUIRE=never',
    'setsid',
    '-w',
    'ssh-add',
    '-q',
    '--',
    key,
  ]
  try {
    await runTool(command, { enter: [], signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new CooperageError('E_SSH_KEY', `the agent does not take the key ${key}`, {
      hint: 'it must be a private key without a passphrase, for this user alone; else use an agent: --ssh default',
      data: { path: key },
      cause: error,
    })
  }
}
