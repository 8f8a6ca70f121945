import { CooperageError, type DirectoryNode, isCooperageError } from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { RunOperation } from '../plan/plan.js'
import { explainStart } from './explain-start.js'
import type { Container } from './sandbox/container.js'

/** Of a program that cannot be started the image often tells more than the kernel. Other errors stay as they are. */
export async function startFailure(
  error: unknown,
  about: {
    readonly operation: RunOperation
    readonly container: Container
    readonly tree: DirectoryNode
    readonly environment: StepEnvironment
  },
): Promise<unknown> {
  if (!isCooperageError(error) || error.code !== 'E_RUN_START') return error
  const { operation, container, tree, environment } = about
  const { store, openHost } = environment
  const { env, cwd, args } = container
  const why = await explainStart(args[0]!, { tree, blobs: store.blobs, openHost, env, cwd })
  return new CooperageError(
    'E_RUN',
    `the step cannot be started: ${operation.text}: ${why ?? error.message}`,
    {
      location: operation.location,
      hint: hintFor(args[0]!, why, operation),
      data: { ...error.data, program: args[0] },
      cause: error,
    },
  )
}

function hintFor(program: string, why: string | undefined, { text }: RunOperation): string {
  if (why?.startsWith('exec format error'))
    return 'choose a base image for this machine, or one with --platform'
  if (why?.startsWith('there is no'))
    return `put ${program} into the image first, or ${insteadOf(program, text)}`
  return 'check the program that the step starts'
}

function insteadOf(program: string, text: string): string {
  const isList = /^RUN (?:--\S+ )*\[\s*"/.test(text)
  if (!isList) return 'run something that is there; a RUN in the form of a list needs no shell'
  return program.includes('/') ? 'run something that is there' : 'write the path at which it is'
}
