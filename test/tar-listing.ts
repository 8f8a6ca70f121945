import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readTar } from '@cooperage/store'

/** A row for each entry of a tar: type, mode, owner, time, content. Times of directories are those of the build. */
export async function tarListing(path: string): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  for await (const item of readTar(createReadStream(path))) {
    const { entry } = item
    const hash = createHash('sha256')
    for await (const chunk of item.content()) hash.update(chunk)
    const time = entry.type === 'directory' ? '' : ` ${entry.mtime}`
    const bytes = entry.type === 'file' ? ` ${hash.digest('hex').slice(0, 12)}` : ` ${entry.linkname}`
    const mode = entry.type === 'symlink' ? '' : entry.mode.toString(8)
    rows[entry.name.replace(/\/$/, '')] =
      `${entry.type} ${mode} ${entry.uid}:${entry.gid}${time}${bytes}`.trim()
  }
  return rows
}
