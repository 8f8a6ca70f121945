import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hasErrno } from '@cooperage/store/errors'

/** Writes a small file for another program: it sees the old content or the new one, never a part. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const target = await existing(path)
  // A pipe or /dev/stderr is written to, not replaced.
  if (target && !target.regular) return writeFile(path, text)
  const final = target?.path ?? path
  const temporary = `${final}.${process.pid}.tmp`
  try {
    await writeFile(temporary, text)
    await rename(temporary, final)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The file itself, links followed, so that a link stays one. */
async function existing(
  path: string,
): Promise<{ readonly path: string; readonly regular: boolean } | undefined> {
  try {
    return { path: await realpath(path), regular: (await stat(path)).isFile() }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
