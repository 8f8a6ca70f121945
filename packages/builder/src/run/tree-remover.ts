import { isCooperageError, type Store } from '@cooperage/store'
import { removeDirectory } from './projection/remove-directory.js'
import type { FileAccess } from './sandbox/file-access.js'
import { storeExecutor } from './store-executor.js'

const AS_THIS_USER: FileAccess = { enter: [], overlay: 'none', owners: 'one', devices: false }

/**
 * Removes directories with the files of images, for `Store.prune`: as this user, and where that may not, the way in which
 * this machine's executor deals with them.
 */
export function treeRemover(store: Store): (path: string) => Promise<void> {
  return async (path) => {
    try {
      await removeDirectory(path, AS_THIS_USER)
    } catch (error) {
      if (!isCooperageError(error) || error.code !== 'E_TOOL') throw error
      await removeDirectory(path, (await storeExecutor(store, {})).files)
    }
  }
}
