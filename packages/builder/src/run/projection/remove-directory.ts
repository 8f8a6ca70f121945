import { readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import type { FileAccess } from '../sandbox/file-access.js'
import { runTool } from '../tool.js'

/**
 * Removes a directory with the files of an image, whoever they belong to and however deep they lie. Idempotent. Goes
 * on when a build is stopped: what is left would have to be removed by the next one.
 */
export async function removeDirectory(path: string, files: FileAccess): Promise<void> {
  const options = { enter: files.enter, signal: new AbortController().signal }
  try {
    await runTool(['rm', '-rf', '--', path], options)
  } catch {
    // A step may have left a directory that its owner may not enter or change: only root ignores that.
    await runTool(['chmod', '-R', 'u+rwX', '--', path], options).catch(() => {})
    await runTool(['rm', '-rf', '--', path], options)
  }
}

/**
 * The same for a directory with few files, none of an image: without another program, where that may, and without
 * waiting, which would take longer than the work.
 */
export async function removeSmall(path: string, files: FileAccess): Promise<void> {
  try {
    removeNow(Buffer.from(path))
  } catch {
    await removeDirectory(path, files)
  }
}

/** rmSync of Node 20 looks at each entry several times, and takes as long for a step's few as the rest of its end. */
function removeNow(directory: Buffer): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, encoding: 'buffer' })) {
    const path = Buffer.concat([directory, SLASH, entry.name])
    if (entry.isDirectory()) removeNow(path)
    else unlinkSync(path)
  }
  rmdirSync(directory)
}

const SLASH = Buffer.from('/')
