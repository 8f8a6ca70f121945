import { CooperageError } from '@cooperage/store/errors'
import { completionScript, SHELLS } from '../flags/completion.js'
import { SHARED_FLAGS } from '../flags/shared-flags.js'
import { COMMANDS } from '../flags/table.js'
import type { Invocation } from '../invocation.js'

/** `cooper completion SHELL` */
export async function run({ operands, terminal }: Invocation): Promise<void> {
  const shell = SHELLS.find((one) => one === operands[0])
  if (!shell) {
    throw new CooperageError('E_CLI', `there is no completion for ${JSON.stringify(operands[0])}`, {
      hint: `choose one of ${SHELLS.join(', ')}`,
    })
  }
  await terminal.print(completionScript(shell, COMMANDS, SHARED_FLAGS))
}
