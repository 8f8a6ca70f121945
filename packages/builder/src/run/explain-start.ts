import {
  type BlobStore,
  type DirectoryNode,
  type FileNode,
  fromUtf8,
  type OpenHostContent,
  openContents,
  resolveInTree,
  toUtf8,
} from '@cooperage/store'
import { elfFacts } from './elf-facts.js'

export interface StartLookup {
  readonly tree: DirectoryNode
  readonly blobs: BlobStore
  readonly openHost: OpenHostContent
  /** `NAME=value`. */
  readonly env: readonly string[]
  readonly cwd: string
}

/** As much of a program as is looked at: the kernel reads 256 bytes for a `#!`, an ELF file has its tables near its start. */
const HEAD = 4096

/**
 * Why a program could not be started, as far as the image tells; undefined when it looks fine. Mounts are not looked
 * into.
 */
export async function explainStart(program: string, lookup: StartLookup): Promise<string | undefined> {
  const path = find(program, lookup)
  if (path === undefined) {
    return program.includes('/')
      ? `there is no ${program} in the image`
      : `there is no ${program} in PATH of the image`
  }
  const node = fileAt(path, lookup.tree)
  if (node === undefined) return `${path} is not a file`
  if ((node.meta.mode & 0o111) === 0) return `${path} is not executable (mode ${node.meta.mode.toString(8)})`
  const head = await headOf(node, lookup)
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(head.toString('latin1'))?.[1]
  if (interpreter !== undefined) {
    if (fileAt(interpreter, lookup.tree) !== undefined) return undefined
    return `${path} is a script for ${toUtf8(interpreter)}, which the image does not have`
  }
  const elf = elfFacts(head)
  if (elf === undefined)
    return `exec format error: ${path} is neither a program nor a script with "#!" in its first line`
  if (elf.architecture !== machineArchitecture()) {
    return `exec format error: ${path} is a program for ${elf.architecture}, this machine runs ${machineArchitecture()}`
  }
  if (elf.interpreter !== undefined && fileAt(elf.interpreter, lookup.tree) === undefined) {
    return `${path} needs ${toUtf8(elf.interpreter)}, which the image does not have`
  }
  return undefined
}

/** In the words of OCI images. */
function machineArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
  return names[process.arch] ?? process.arch
}

function find(program: string, { tree, env, cwd }: StartLookup): string | undefined {
  const isThere = (path: string) => resolveInTree(tree, fromUtf8(path)).node !== undefined
  if (program.includes('/')) {
    const path = program.startsWith('/') ? program : `${cwd}/${program}`
    return isThere(path) ? path : undefined
  }
  const directories =
    env
      .find((text) => text.startsWith('PATH='))
      ?.slice('PATH='.length)
      .split(':') ?? []
  return directories.map((directory) => `${directory}/${program}`).find(isThere)
}

function fileAt(path: string, tree: DirectoryNode): FileNode | undefined {
  const { node } = resolveInTree(tree, fromUtf8(path))
  return node?.type === 'file' ? node : undefined
}

async function headOf(node: FileNode, { blobs, openHost }: StartLookup): Promise<Buffer> {
  await using contents = await openContents([node], blobs, openHost)
  const open = contents.open(node)
  try {
    const head = Buffer.alloc(HEAD)
    return head.subarray(0, open.read(head))
  } finally {
    open.close()
  }
}
