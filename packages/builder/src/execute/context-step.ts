import type { ContextOperation, CopyOperation } from '../plan/plan.js'
import type { CopySourceTree } from './copy-source.js'
import { copyStep } from './copy-step.js'
import type { FileSystem } from './file-system.js'
import type { StepContext, StepOutcome } from './step.js'

/** Executes FROM of a directory: all of it is the first layer, as COPY into an image without any would make it. */
export async function contextStep(
  operation: ContextOperation,
  below: FileSystem,
  context: StepContext & { readonly source: CopySourceTree },
): Promise<StepOutcome> {
  const { text, location } = operation
  const copy: CopyOperation = {
    kind: 'copy',
    from: { kind: 'namedContext', name: operation.name },
    text,
    location,
    ...ALL,
  }
  const { note } = context.source
  return { ...(await copyStep(copy, below, context)), ...(note !== undefined && { note }) }
}

const ALL = {
  sources: ['.'],
  inline: [],
  destination: '/',
  chown: '',
  chmod: '',
  link: false,
  parents: false,
  excludes: [],
  unpack: false,
} as const
