import { addAbortSignal } from 'node:stream'
import { CooperageError } from '@cooperage/store/errors'
import type { Terminal } from './invocation.js'

/** Standard input as a source of bytes. A wait for it has no end of its own: an abort ends it. @throws E_CLI on a terminal */
export function openStdin(terminal: Terminal, signal: AbortSignal): NodeJS.ReadStream {
  const { stdin } = terminal
  if (stdin.isTTY) {
    throw new CooperageError('E_CLI', 'stdin is a terminal: there is nothing to read', {
      hint: 'pipe an archive or a Dockerfile into the command',
    })
  }
  return addAbortSignal(signal, stdin)
}
