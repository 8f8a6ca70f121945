import { closeSync, readSync } from 'node:fs'
import type { FileNode, OpenContent } from '@cooperage/store'
import { openHostFile, verifyHostFile } from './open-host-file.js'

/** Reads a file of a directory context; `close` checks that it is still the file that was walked. */
export function openHostContent(file: FileNode): OpenContent {
  const descriptor = openHostFile(file)
  return {
    read: (target) => readSync(descriptor, target, 0, target.length, null),
    close() {
      try {
        verifyHostFile(descriptor, file)
      } finally {
        closeSync(descriptor)
      }
    },
  }
}
