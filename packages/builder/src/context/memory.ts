import {
  CooperageError,
  digestOf,
  directoryOf,
  type FileNode,
  fromUtf8,
  splitPath,
  TreeEditor,
} from '@cooperage/store'
import { loadTree } from './load-tree.js'
import type { ContextSource } from './source.js'

/** Text (stored as UTF-8) or bytes, or these with attributes. */
export type MemoryFile = string | Uint8Array | MemoryFileOptions

export interface MemoryFileOptions {
  readonly content: string | Uint8Array
  /** Default 0644. */
  readonly mode?: number
  /** Seconds since 1970. Default 0, so that the same files give the same layer. */
  readonly mtime?: number
}

/**
 * Files given as values: `memory({ Dockerfile: 'FROM scratch\nCOPY a /', a: 'hello' })`. Paths are relative, with `/`
 * between names; their directories have mode 0755 and time 0. @throws E_CTX_PATH for a path that is empty or passes
 * through a file
 */
export function memory(files: Readonly<Record<string, MemoryFile>>): ContextSource {
  const editor = new TreeEditor(directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 }))
  for (const [path, file] of Object.entries(files)) {
    const names = splitPath(fromUtf8(path))
    try {
      if (names.length === 0 || editor.get(names)?.type === 'directory') throw badPath(path)
      editor.ensureDirectory(names.slice(0, -1))
    } catch (error) {
      throw badPath(path, error)
    }
    editor.put(names, fileOf(file))
  }
  const tree = editor.finish()
  const identity = `memory:${digestOf(Object.keys(files).sort().join('\0'))}`
  return { name: 'memory', load: (options = {}) => loadTree({ tree, identity }, options) }
}

function fileOf(file: MemoryFile): FileNode {
  const options: MemoryFileOptions =
    typeof file === 'string' || file instanceof Uint8Array ? { content: file } : file
  const { content } = options
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : Uint8Array.from(content)
  const meta = { mode: (options.mode ?? 0o644) & 0o7777, uid: 0, gid: 0, mtime: options.mtime ?? 0 }
  return { type: 'file', meta, size: bytes.length, content: { kind: 'bytes', bytes } }
}

function badPath(path: string, cause?: unknown): CooperageError {
  return new CooperageError('E_CTX_PATH', `${JSON.stringify(path)} cannot be the path of a file here`, {
    hint: 'a path names one file, and no other path may lead through it',
    data: { path },
    cause,
  })
}
