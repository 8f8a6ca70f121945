import type { OutputSpec } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import type { FlagValues } from '../flags/parse.js'
import type { Terminal } from '../invocation.js'

/** Standard output takes one thing, and a terminal takes no archive. @throws E_CLI */
export function checkStdout(outputs: readonly OutputSpec[], flags: FlagValues, terminal: Terminal): void {
  const uses = outputs.filter((output) => output.destination === '-').length
  if (uses === 0) return
  if (terminal.stdout.isTTY) {
    throw new CooperageError('E_CLI', 'an archive is not written to a terminal', {
      hint: 'name a file with dest=PATH, or pipe stdout into a program',
    })
  }
  if (uses > 1 || flags.on('quiet')) {
    throw new CooperageError('E_CLI', 'stdout can take one answer: an output, or the image ID of --quiet', {
      hint: 'write outputs to files with dest=PATH, and the image ID with --iidfile',
    })
  }
}
