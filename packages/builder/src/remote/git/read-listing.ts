import { type ByteString, fromUtf8, isCooperageError, toUtf8 } from '@cooperage/store'
import { aboutRemote } from './git-error.js'
import { type GitProcessOptions, gitOutput, gitText } from './git-process.js'
import type { ListedFile } from './keep/encode-index-file.js'

/** A submodule: a commit of another repository. */
export interface GitLink {
  readonly path: ByteString
  readonly commit: string
  /** As `.gitmodules` has it; absent when it says nothing of this path. */
  readonly name?: string
  readonly url?: string
  /** `update = none`: it stays empty. */
  readonly isSkipped?: boolean
}

export interface Listing {
  readonly links: readonly GitLink[]
  /** Only when asked for. */
  readonly files: readonly ListedFile[]
}

const LINK = 0o160000
const MODULES = '.gitmodules'
const MAX_LINKS = 1000
const ROW = /^(\d{6}) \w+ ([0-9a-f]+) +(-|\d+)\t/

/** What a commit holds. @throws E_GIT_TREE for names that git would not check out, E_GIT_SUBMODULE, E_LIMIT */
export async function readListing(
  commit: string,
  git: GitProcessOptions,
  options: { readonly withFiles: boolean },
): Promise<Listing> {
  const files: ListedFile[] = []
  const links: GitLink[] = []
  let modules: ListedFile | undefined
  let rest = ''
  for await (const chunk of gitOutput(
    ['ls-tree', '-r', '-z', '-l', '--full-tree', `${commit}^{commit}`],
    git,
  )) {
    const rows = (rest + Buffer.from(chunk).toString('latin1')).split('\0')
    rest = rows.pop() ?? ''
    for (const row of rows) {
      const [head = '', mode = '', object = '', size = ''] = ROW.exec(row) ?? []
      const path = row.slice(head.length)
      checkPath(path, git.remote)
      const file = { path, mode: Number.parseInt(mode, 8), object, size: size === '-' ? 0 : Number(size) }
      if (options.withFiles) files.push(file)
      if (path === MODULES) modules = file
      if (file.mode === LINK) links.push({ path, commit: object })
    }
  }
  if (links.length > MAX_LINKS) {
    const problem = `it has over ${MAX_LINKS} submodules`
    throw aboutRemote('E_LIMIT', git.remote, { problem, data: { limit: MAX_LINKS } })
  }
  if (links.length === 0 || modules === undefined) return { links, files }
  const known = await readModules(modules, git)
  return { links: links.map((link) => ({ ...link, ...known.get(link.path) })), files }
}

/** git refuses such a name in any case of letters, as it would be a repository in the repository. */
function checkPath(path: ByteString, remote: string): void {
  if (!/(?:^|\/)(?:\.git|\.\.?)(?:\/|$)/i.test(path)) return
  throw aboutRemote('E_GIT_TREE', remote, {
    problem: `it holds a path that git refuses: ${JSON.stringify(toUtf8(path))}`,
  })
}

type Module = Pick<GitLink, 'name' | 'url' | 'isSkipped'>

/** `.gitmodules` by path. It is read as git reads a configuration, but includes nothing. */
async function readModules(file: ListedFile, git: GitProcessOptions): Promise<Map<ByteString, Module>> {
  const broken = (problem: string) => aboutRemote('E_GIT_SUBMODULE', git.remote, { problem })
  if (file.mode !== 0o100644 && file.mode !== 0o100755) throw broken(`its ${MODULES} is no file`)
  const args = ['config', '--blob', file.object, '--no-includes', '-z', '--list']
  const text = await gitText(args, { ...git, limit: 1 << 20 }).catch((error: unknown) => {
    if (!isCooperageError(error) || error.code !== 'E_GIT_FAILED') throw error
    throw broken(`its ${MODULES} cannot be read`)
  })
  const sections = new Map<string, Record<string, string>>()
  for (const row of text.split('\0')) {
    const end = row.indexOf('\n')
    const [, name = '', key = ''] = /^submodule\.(.+)\.([^.]+)$/.exec(row.slice(0, end)) ?? []
    const value = row.slice(end + 1)
    if (end === -1 || key === '' || /(?:^|\/)\.\.(?:\/|$)|[\x00-\x1f]/.test(name)) continue
    const section = sections.get(name) ?? {}
    sections.set(name, section)
    // Of a key that is there twice the first counts.
    if (!Object.hasOwn(section, key)) section[key] = value
  }
  const found = new Map<ByteString, Module>()
  for (const [name, { path, url, update }] of sections) {
    if (path === undefined) continue
    const at = fromUtf8(path.replace(/\/+$/, ''))
    const other = found.get(at)
    if (other !== undefined && other.url !== url)
      throw broken(`its ${MODULES} has two URLs for ${JSON.stringify(path)}`)
    found.set(at, { name, ...(url !== undefined && { url }), ...(update === 'none' && { isSkipped: true }) })
  }
  return found
}
