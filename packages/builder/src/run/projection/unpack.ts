import type { FileNode, LayerItem, Metadata, OpenHostContent, Store } from '@cooperage/store'
import { directoryOf, openContents } from '@cooperage/store'
import type { FileAccess } from '../sandbox/file-access.js'
import { feedTool } from '../tool.js'
import { formOf } from './file-form.js'
import { filesTar } from './files-tar.js'
import { isEmptyDirectory } from './is-empty.js'
import { isPlain, makeDirectories } from './make-directories.js'

export interface UnpackOptions {
  readonly files: FileAccess
  readonly store: Store
  readonly openHost: OpenHostContent
  readonly signal: AbortSignal
  /** Of the directory itself. */
  readonly root: Metadata
  /** As of `filesTar`. */
  readonly hasFractions?: boolean
}

/**
 * Writes the items of a layer into an empty directory that this process made. GNU tar does it, for it can give owners,
 * attributes and devices that Node cannot; it gets an archive of ours (`filesTar`).
 */
export async function unpackItems(
  items: readonly LayerItem[],
  directory: string,
  options: UnpackOptions,
): Promise<void> {
  const { files, store, openHost, signal } = options
  if (files.enter.length === 0 && files.owners === 'all' && isPlain(items) && isEmptyDirectory(directory)) {
    makeDirectories([{ kind: 'node', path: '.', node: directoryOf(options.root) }, ...items], directory)
    return
  }
  await using contents = await openContents(filesOf(items), store.blobs, openHost)
  const archive = filesTar(items, { ...options, form: formOf(files), contents })
  await feedTool([...EXTRACT, '-C', directory], archive, { enter: files.enter, signal })
}

// -P: our names need no check, and links are made at once rather than at the end.
const EXTRACT = [
  'tar',
  '-x',
  '-P',
  '-f',
  '-',
  '--numeric-owner',
  '--same-owner',
  '--same-permissions',
  '--xattrs',
  '--xattrs-include=*',
  '--delay-directory-restore',
  '--warning=no-timestamp',
]

function* filesOf(items: readonly LayerItem[]): Generator<FileNode> {
  for (const item of items) if (item.kind === 'node' && item.node.type === 'file') yield item.node
}
