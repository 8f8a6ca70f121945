import {
  CooperageError,
  type DirectoryNode,
  directoryOf,
  fromUtf8,
  joinNames,
  resolveInTree,
  splitPath,
  TreeEditor,
} from '@cooperage/store'
import { KeyBuilder } from '../cache/key-builder.js'
import type { MakeDirectoryOperation } from '../plan/plan.js'
import { commitLayer } from './commit-layer.js'
import type { FileSystem } from './file-system.js'
import { type Owner, resolveOwner } from './owner.js'
import { refuseKernel } from './refuse-kernel.js'
import type { StepContext, StepOutcome } from './step.js'
import { foundLayer, newLayer, remembered } from './step-layer.js'

const KEY_VERSION = 3

/**
 * Executes WORKDIR: a layer with the directory and its missing parents, empty when it exists already.
 * @throws E_WORKDIR_FORBIDDEN below /proc, /sys and /dev, also where a link leads there; E_NOT_DIRECTORY
 */
export async function mkdirStep(
  operation: MakeDirectoryOperation,
  below: FileSystem,
  context: StepContext,
): Promise<StepOutcome> {
  const { environment } = context
  refuseKernel(splitPath(fromUtf8(operation.path)), operation.path)
  const key = new KeyBuilder('mkdir', KEY_VERSION)
    .field('below', below.identity)
    .field('path', operation.path)
    .field('owner', operation.owner)
    .field('epoch', environment.epoch)
    .digest()
  const found = await remembered(key, context)
  if (found !== undefined) return foundLayer(below, found, { keys: [], context })
  const owner = await lookUpOwner(operation, below, context)
  const lower = await below.tree()
  const upper = makeDirectory(lower, operation.path, { owner, mtime: environment.epoch ?? environment.now })
  const options = { step: context.step, form: below.form }
  const layer = await commitLayer(lower, upper, { environment, options })
  return newLayer(below, layer!, { keys: [key], context, tree: upper })
}

function lookUpOwner(
  operation: MakeDirectoryOperation,
  below: FileSystem,
  context: StepContext,
): Promise<Owner> {
  const { store, openHost } = context.environment
  return resolveOwner(operation.owner, {
    tree: () => below.tree(),
    isScratch: below.layers.length === 0,
    blobs: store.blobs,
    openHost,
  })
}

function makeDirectory(
  root: DirectoryNode,
  path: string,
  made: { readonly owner: Owner; readonly mtime: number },
): DirectoryNode {
  const editor = new TreeEditor(root)
  const { names } = resolveInTree(root, joinNames(splitPath(fromUtf8(path))))
  refuseKernel(names, path)
  for (let length = 1; length <= names.length; length++) {
    const part = names.slice(0, length)
    const node = editor.get(part)
    if (node === undefined) {
      editor.put(part, directoryOf({ mode: 0o755, ...made.owner, mtime: made.mtime }))
      const parent = editor.get(part.slice(0, -1)) as DirectoryNode
      editor.setDirectoryMeta(part.slice(0, -1), { ...parent.meta, mtime: made.mtime })
    } else if (node.type !== 'directory') {
      throw new CooperageError(
        'E_NOT_DIRECTORY',
        `cannot make the directory ${path}: a part of it is not a directory`,
        {
          hint: 'choose another path, or remove what is in the way in an earlier step',
          data: { path },
        },
      )
    }
  }
  return editor.finish()
}
