import { CooperageError } from '@cooperage/store'
import { parseNodes } from '../dockerfile/parse.js'
import type { Dockerfile } from '../instructions/commands.js'
import { parseInstructions } from '../instructions/parse-instructions.js'
import { checkContinuations } from './check-nodes.js'
import type { Checks } from './checks.js'

/** As `parseDockerfile`, with what the checks find: theirs stays when the file is then refused. @throws E_DF_…, E_LIMIT */
export function parseChecked(
  file: { readonly name: string; readonly text: string | Uint8Array },
  checks: Checks,
): Dockerfile {
  if (file.text.length === 0) {
    throw new CooperageError('E_DF_EMPTY', 'the Dockerfile cannot be empty', {
      hint: 'a Dockerfile starts with FROM and the name of a base image, or FROM scratch',
    })
  }
  const parsed = parseNodes(file.text, { name: file.name })
  checkContinuations(parsed.nodes, checks)
  return parseInstructions(parsed, checks)
}
