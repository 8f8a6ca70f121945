import type { Store } from '@cooperage/store'
import type { BuildEvent, StepId } from '../events.js'
import type { SshSource } from '../secrets/open-ssh.js'
import type { SecretSource } from '../secrets/secret-source.js'
import type { FetchedFile } from './fetch-url.js'
import type { GitSource } from './git/git-source.js'
import type { GitUrl } from './git/git-url.js'
import type { RemoteOptions } from './remote-options.js'

export interface RemoteWires {
  readonly store: Store
  readonly remote: RemoteOptions
  readonly secrets: SecretSource
  readonly ssh: SshSource
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

interface Wanted {
  readonly checksum: string
  readonly step: StepId
}

/**
 * The remote sources of one build: each is asked for once, whatever number of instructions name it. What speaks to
 * them is loaded when one is named: most builds name none.
 */
export class RemoteSources {
  readonly #wires: RemoteWires
  readonly #files = new Map<string, Promise<FetchedFile>>()
  readonly #repositories = new Map<string, Promise<GitSource>>()

  constructor(wires: RemoteWires) {
    this.#wires = wires
  }

  /** @throws as `fetchUrl` */
  file(url: string, wanted: Wanted): Promise<FetchedFile> {
    const key = `${wanted.checksum} ${url}`
    const known = this.#files.get(key)
    if (known !== undefined) return known
    const file = this.fileAgain(url, wanted)
    this.#files.set(key, file)
    return file
  }

  /** @throws as `openGit` */
  git(url: GitUrl): Promise<GitSource> {
    const key = JSON.stringify(Object.entries(url).sort())
    const known = this.#repositories.get(key)
    if (known !== undefined) return known
    const { store, remote, secrets, ssh, signal } = this.#wires
    const source = import('./git/git-source.js').then(({ openGit }) =>
      openGit(url, { blobs: store.blobs, records: store.records, remote, secrets, ssh, signal }),
    )
    this.#repositories.set(key, source)
    return source
  }

  /** As `file`, though it was asked for before: what the store had of it is gone. */
  async fileAgain(url: string, { checksum, step }: Wanted): Promise<FetchedFile> {
    const { store, remote, secrets, signal, emit } = this.#wires
    const { fetchUrl } = await import('./fetch-url.js')
    return fetchUrl(url, {
      blobs: store.blobs,
      records: store.records,
      remote,
      secrets,
      signal,
      ...(checksum !== '' && { checksum }),
      onProgress: (current, total) => {
        const size = total === undefined ? {} : { total }
        emit({ type: 'progress', step, id: 'downloading', current, ...size, unit: 'bytes', at: Date.now() })
      },
      onRetry: (message) =>
        emit({
          type: 'warning',
          rule: 'DownloadRetried',
          message: `${message}; trying again`,
          at: Date.now(),
        }),
    })
  }
}
