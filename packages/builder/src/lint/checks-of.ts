import { CooperageError } from '@cooperage/store'
import { Complaint } from '../dockerfile/complaint.js'
import { decodeLines } from '../dockerfile/decode-lines.js'
import { detectCheck } from '../dockerfile/detect-directive.js'
import { type CheckOptions, parseCheckOptions } from './check-options.js'
import { Checks } from './checks.js'

const BUILD_ARG = 'BUILDKIT_DOCKERFILE_CHECK'

/**
 * The checks that a Dockerfile asks for, with no finding yet. They are read before the file is parsed: a wrong option
 * is reported before any other mistake. The build argument BUILDKIT_DOCKERFILE_CHECK stands in for `# check=`.
 * @throws E_DF_DIRECTIVE
 */
export function checksOf(
  file: { readonly name: string; readonly text: string | Uint8Array },
  buildArgs: Readonly<Record<string, string>> = {},
): Checks {
  const given = buildArgs[BUILD_ARG]
  if (given !== undefined) return new Checks(file.name, optionsFrom(given, `build-arg:${BUILD_ARG}`))
  const bytes = typeof file.text === 'string' ? new TextEncoder().encode(file.text) : file.text
  // What follows the first blank of the directive is a remark.
  const directive = detectCheck(decodeLines(bytes).lines)?.split(' ', 1)[0] ?? ''
  return new Checks(file.name, optionsFrom(directive, 'check options'))
}

function optionsFrom(text: string, source: string): CheckOptions {
  try {
    return parseCheckOptions(text)
  } catch (error) {
    if (!(error instanceof Complaint)) throw error
    throw new CooperageError(error.code, `failed to parse ${source}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      data: { value: text },
    })
  }
}
