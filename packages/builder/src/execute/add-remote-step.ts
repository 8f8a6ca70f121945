import { type Digest, type FileNode, joinNames } from '@cooperage/store'
import { KeyBuilder } from '../cache/key-builder.js'
import { selectSources } from '../context/select-sources.js'
import type { AddRemoteOperation, CopyOperation, CopySource } from '../plan/plan.js'
import { gitIdentity } from '../remote/git/git-identity.js'
import { wantedGit } from '../remote/git/wanted-git.js'
import { soundBlob } from '../remote/sound-blob.js'
import { urlFileName } from '../remote/url-file-name.js'
import { remoteKind } from '../steps/remote-source.js'
import type { CopyItem } from './copy-into.js'
import { selectItems } from './copy-items.js'
import type { CopySourceTree } from './copy-source.js'
import { copyStep } from './copy-step.js'
import type { FileSystem } from './file-system.js'
import type { StepContext, StepOutcome } from './step.js'

interface AddContext extends StepContext {
  readonly source: (from: CopySource) => Promise<CopySourceTree>
}

/** One source of an ADD, asked for and perhaps not fetched yet. */
interface Taken {
  /** What the source is at this moment; undefined for paths of the context, of which the contents tell. */
  readonly identity?: readonly string[]
  readonly unpack: boolean
  items(): Promise<readonly CopyItem[]>
}

/** Executes ADD with remote sources: what they hold becomes nodes of trees, and the rest is a COPY. */
export async function addRemoteStep(
  operation: AddRemoteOperation,
  below: FileSystem,
  context: AddContext,
): Promise<StepOutcome> {
  const taken = await Promise.all(operation.sources.map((source) => take(source, operation, context)))
  const isRemoteAlone = taken.every(({ identity }) => identity !== undefined)
  const source: CopySourceTree = isRemoteAlone
    ? { ...(await context.source({ kind: 'scratch' })), identity: identityOf(taken) }
    : await context.source({ kind: 'context' })
  const unpacked = new Set<CopyItem>()
  const copy: CopyOperation = { ...operation, kind: 'copy', from: { kind: 'context' }, unpack: false }
  return copyStep(copy, below, {
    ...context,
    source,
    selection: {
      key: [operation.checksum, ...taken.flatMap(({ identity = [] }) => identity)],
      unpacks: (item) => unpacked.has(item),
      async items() {
        const all: CopyItem[] = []
        for (const { unpack, items } of taken) {
          for (const item of await items()) {
            if (unpack) unpacked.add(item)
            all.push(item)
          }
        }
        return [...all, ...(await selectItems({ ...copy, sources: [] }, { ...context, source }))]
      },
    },
  })
}

async function take(source: string, operation: AddRemoteOperation, context: AddContext): Promise<Taken> {
  const kind = remoteKind(source)
  if (kind === 'url') return takeUrl(source, operation, context)
  if (kind === 'git') return takeGit(source, operation, context)
  const tree = await context.source({ kind: 'context' })
  const copy: CopyOperation = { ...operation, kind: 'copy', from: { kind: 'context' }, unpack: false }
  return {
    unpack: operation.unpack ?? true,
    items: () => selectItems({ ...copy, sources: [source], inline: [] }, { ...context, source: tree }),
  }
}

/** A download has mode 0600 and the time that its server gives it, as in BuildKit. */
async function takeUrl(url: string, operation: AddRemoteOperation, context: AddContext): Promise<Taken> {
  const name = urlFileName(url)
  const { store, remotes, signal } = context.environment
  const wanted = { checksum: operation.checksum, step: context.step }
  const { digest, size, mtime, isFresh, secret } = await remotes.file(url, wanted)
  const node: FileNode = {
    type: 'file',
    meta: { mode: 0o600, uid: 0, gid: 0, mtime },
    size,
    content: { kind: 'blob', blob: digest, offset: 0 },
    digest,
  }
  return {
    identity: ['url', name, digest, String(mtime), ...(secret === undefined ? [] : ['secret', secret])],
    unpack: operation.unpack ?? false,
    async items() {
      if (!isFresh)
        await soundBlob(digest, { blobs: store.blobs, signal, again: () => remotes.fileAgain(url, wanted) })
      // As a tree of one file, which --exclude may leave out.
      const children = new Map([[name, node]])
      const [root] = selectSources({ type: 'directory', meta: node.meta, children }, ['/'], {
        excludes: operation.excludes,
      })
      const isLeft = root?.node.type === 'directory' && root.node.children.has(name)
      return isLeft ? [{ path: joinNames([name]), node }] : []
    },
  }
}

/** A repository gives its files, not a directory of its name. */
async function takeGit(source: string, operation: AddRemoteOperation, context: AddContext): Promise<Taken> {
  const url = wantedGit(source, operation)
  const { ref, tree } = await context.environment.remotes.git(url)
  const { excludes } = operation
  return {
    identity: gitIdentity(url, ref),
    unpack: false,
    items: async () => [...selectSources(await tree(), ['/'], { excludes })],
  }
}

function identityOf(taken: readonly Taken[]): Digest {
  return new KeyBuilder('remote', 1)
    .field(
      'sources',
      taken.flatMap(({ identity = [] }) => identity),
    )
    .digest()
}
