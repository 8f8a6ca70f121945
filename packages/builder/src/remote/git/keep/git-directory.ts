import {
  type DirectoryNode,
  type FileNode,
  fromUtf8,
  plainDirectory,
  splitPath,
  TreeEditor,
} from '@cooperage/store'
import { aboutRemote } from '../git-error.js'
import type { ResolvedRef } from '../resolve-ref.js'
import type { KeptFile, KeptObjects } from './keep-objects.js'

export interface KeptModule {
  readonly name: string
  readonly remote: string
  readonly directory: DirectoryNode
}

export interface KeptRepository {
  readonly ref: ResolvedRef
  readonly remote: string
  readonly objects: KeptObjects
  readonly modules: readonly KeptModule[]
  /** The working tree, as seen from the directory; absent for the one that is called `.git`. */
  readonly worktree?: string
  /** Seconds since 1970, for everything in it. */
  readonly time: number
}

/**
 * What a checkout of one commit has as `.git`: the commit without its history, the ref that led to it, where it came
 * from, and nothing that would differ from run to run: no logs, no templates, no times of files.
 */
export function gitDirectory(repository: KeptRepository): DirectoryNode {
  const { ref, remote, objects, modules, time } = repository
  const meta = { mode: 0o644, uid: 0, gid: 0, mtime: time }
  const editor = new TreeEditor(plainDirectory(time))
  const folder = (path: string) => editor.ensureDirectory(splitPath(path), () => plainDirectory(time))
  const text = (path: string, content: string) => {
    const bytes = Buffer.from(content)
    editor.put(splitPath(path), { type: 'file', meta, size: bytes.length, content: { kind: 'bytes', bytes } })
  }
  const blob = (path: string, { digest, size }: KeptFile, mode: number) => {
    const content = { kind: 'blob', blob: digest, offset: 0 } as const
    const node: FileNode = { type: 'file', meta: { ...meta, mode }, size, content, digest }
    editor.put(splitPath(path), node)
  }
  for (const path of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) folder(path)
  text('HEAD', `${ref.commit}\n`)
  text('config', configuration(repository))
  if (ref.name !== undefined) text('packed-refs', packedRefs(ref, ref.name))
  if (objects.isShallow) text('shallow', `${ref.commit}\n`)
  blob('index', objects.index, 0o644)
  blob(`objects/pack/pack-${objects.packName}.pack`, objects.pack, 0o444)
  blob(`objects/pack/pack-${objects.packName}.idx`, objects.packIndex, 0o444)
  for (const { name, directory } of modules) {
    const path = ['modules', ...name.split('/').map(fromUtf8)]
    // One name may be a folder of the other's repository (CVE-2024-32002 and its kind).
    if (editor.get(path) !== undefined || path.some((part) => part === '' || part === '.' || part === '..')) {
      throw aboutRemote('E_GIT_SUBMODULE', remote, {
        problem: `the name of a submodule cannot be used: ${JSON.stringify(name)}`,
        data: { name },
      })
    }
    editor.ensureDirectory(path.slice(0, -1), () => plainDirectory(time))
    editor.put(path, directory)
  }
  return editor.finish()
}

function packedRefs({ commit, tag }: ResolvedRef, name: string): string {
  const peeled = tag === undefined ? '' : `^${commit}\n`
  return `# pack-refs with: peeled fully-peeled sorted \n${tag ?? commit} ${name}\n${peeled}`
}

function configuration({ ref, remote, modules, worktree }: KeptRepository): string {
  const isSha256 = ref.commit.length === 64
  const lines = [
    '[core]',
    `\trepositoryformatversion = ${isSha256 ? 1 : 0}`,
    '\tfilemode = true',
    '\tbare = false',
    '\tlogallrefupdates = true',
    ...(worktree === undefined ? [] : [`\tworktree = ${quoted(worktree)}`]),
    ...(isSha256 ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '[remote "origin"]',
    `\turl = ${quoted(withoutUser(remote))}`,
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
    ...modules.flatMap((module) => [
      `[submodule ${quoted(module.name)}]`,
      '\tactive = true',
      `\turl = ${quoted(withoutUser(module.remote))}`,
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** Nobody's password comes into an image; the user of SSH is part of the address. */
function withoutUser(remote: string): string {
  return remote.replace(/^(https?:\/\/)[^/@]*@/i, '$1')
}
