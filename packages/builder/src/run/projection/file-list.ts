import type { ByteString } from '@cooperage/store'
import { readTool, type ToolOptions } from '../tool.js'

/**
 * What identifies each file below a directory at one moment: type, mode, owner, size, times in nanoseconds, inode. By
 * path, without a slash in front. A process cannot change a file and keep its ctime.
 */
export type FileList = ReadonlyMap<ByteString, string>

/** Lists a directory with GNU find. Nothing may change in it meanwhile. @throws E_TOOL */
export async function fileList(directory: string, options: ToolOptions): Promise<FileList> {
  const command = ['find', directory, '-mindepth', '1', '-printf', '%P\\0%y %m %U %G %s %T@ %C@ %i\\0']
  const list = new Map<ByteString, string>()
  let rest = ''
  for await (const chunk of readTool(command, options)) {
    const fields = (rest + Buffer.from(chunk).toString('latin1')).split('\0')
    const complete = fields.length - 1 - ((fields.length - 1) % 2)
    for (let at = 0; at < complete; at += 2) list.set(fields[at]!, fields[at + 1]!)
    rest = fields.slice(complete).join('\0')
  }
  return list
}
