import { createHash } from 'node:crypto'
import type { Digest } from '@cooperage/store'
import type { FileAccess } from '../sandbox/file-access.js'

/**
 * How the files of an image lie on this machine's disk. The same layer needs another directory for each form: what
 * overlayfs takes for a deletion differs, and so do the owners that can be given.
 */
export interface FileForm {
  readonly overlay: FileAccess['overlay']
  readonly owners: FileAccess['owners']
  readonly devices: boolean
}

export function formOf({ overlay, owners, devices }: FileAccess): FileForm {
  return { overlay, owners, devices }
}

/** The key of a tree of the store: a layer's own files on top of a chain, or a whole chain in one directory. */
export function treeKey(what: 'layer' | 'whole', chainId: Digest | undefined, form: FileForm): Digest {
  const text = [what, chainId ?? 'empty', form.overlay, form.owners, form.devices].join(' ')
  return `sha256:${createHash('sha256').update(`cooperage tree 1 ${text}`).digest('hex')}`
}
