import { CooperageError, fromUtf8, shownUrl, toUtf8 } from '@cooperage/store'
import type { BuildOptions, NamedContext } from './build-options.js'
import { StatCache } from './cache/stat-cache.js'
import { chooseIgnore } from './context/choose-ignore.js'
import { directory } from './context/directory.js'
import type { IgnoreMatcher } from './context/ignore/create-ignore-matcher.js'
import { remoteContext } from './context/remote-context.js'
import type { ContextLoadOptions, ContextSource, LoadedContext } from './context/source.js'
import { DOCKERFILE_NAMES } from './dockerfile-names.js'
import type { BuildEvent } from './events.js'
import type { CopySourceTree, MissingPath } from './execute/copy-source.js'
import { FileDigests } from './execute/file-digests.js'
import type { StepEnvironment } from './execute/step-environment.js'
import type { NamedContextKind } from './plan/plan-options.js'
import { parseGitUrl } from './remote/git/git-url.js'
import type { SshSource } from './secrets/open-ssh.js'
import type { SecretSource } from './secrets/secret-source.js'
import { remoteKind } from './steps/remote-source.js'

interface Wires {
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
  readonly secrets: SecretSource
  readonly ssh: SshSource
}

interface Opened {
  readonly loaded: LoadedContext
  readonly stats: StatCache
}

/** The contexts of one build: each is walked once, when first asked for. */
export class BuildContexts {
  readonly #options: BuildOptions
  readonly #wires: Wires
  readonly #opened = new Map<string | undefined, Promise<Opened>>()
  readonly #sources = new Map<string | undefined, Promise<CopySourceTree>>()
  readonly #totals = { contextFiles: 0, contextBytes: 0 }
  #environment: StepEnvironment | undefined

  constructor(options: BuildOptions, wires: Wires) {
    this.#options = options
    this.#wires = wires
  }

  /** A file of the main context, ignored or not; read without a walk where that is possible. */
  async readFile(path: string): Promise<Uint8Array | undefined> {
    const { context } = this.#options
    if (context.readFile !== undefined) return context.readFile(path)
    return (await this.#open(undefined)).loaded.readFile(path)
  }

  /** `.dockerignore` of the main context, for the checks; read without a walk where that is possible. */
  async ignore(): Promise<IgnoreMatcher | undefined> {
    const { context, dockerfile, ignoreFrom } = this.#options
    const { readFile } = context
    if (readFile !== undefined) {
      return chooseIgnore((path) => readFile(path), fileInContext(dockerfile))
    }
    return ignoreFrom === undefined ? (await this.#open(undefined)).loaded.ignore : undefined
  }

  /** What the names given with `buildContexts` stand for. */
  kinds(): Map<string, NamedContextKind> {
    const named = Object.entries(this.#options.buildContexts ?? {})
    const isImage = (kind: NamedContext['kind']) => kind === 'oci-layout' || kind === 'image'
    return new Map(named.map(([name, { kind }]) => [name, isImage(kind) ? 'image' : 'directory']))
  }

  /** From here on sources can be given to steps. */
  use(environment: StepEnvironment): void {
    this.#environment = environment
  }

  /** The tree of a context with what is known of its files' contents. */
  source(name: string | undefined): Promise<CopySourceTree> {
    const known = this.#sources.get(name)
    if (known !== undefined) return known
    const made = this.#makeSource(name)
    this.#sources.set(name, made)
    return made
  }

  /** When the source of a context was made, in seconds since 1970; undefined when nobody says so. */
  async time(name: string | undefined): Promise<number | undefined> {
    return (await this.#open(name)).loaded.time
  }

  /** Of the main context, after `.dockerignore`. */
  totals(): { readonly contextFiles: number; readonly contextBytes: number } {
    return this.#totals
  }

  /** Remembers the digests of the files that this build saw. A store that cannot take them costs time only. */
  async save(): Promise<void> {
    for (const opening of this.#opened.values()) {
      const opened = await opening.catch(() => undefined)
      await opened?.stats.save().catch((error: unknown) => this.#warn('StatCacheNotSaved', String(error)))
    }
  }

  async #makeSource(name: string | undefined): Promise<CopySourceTree> {
    const { loaded, stats } = await this.#open(name)
    return {
      tree: async () => loaded.tree,
      identity: loaded.treeDigest,
      digests: new FileDigests(this.#environment!, stats),
      ...(name !== undefined && { note: this.#noteOf(name) }),
      explainMissing: (path) => explainMissing(path, loaded, this.#sourceOf(name).name),
    }
  }

  #open(name: string | undefined): Promise<Opened> {
    const known = this.#opened.get(name)
    if (known !== undefined) return known
    const opening = this.#load(name)
    this.#opened.set(name, opening)
    return opening
  }

  async #load(name: string | undefined): Promise<Opened> {
    const { emit, signal, secrets, ssh } = this.#wires
    const source = this.#sourceOf(name)
    const step = name === undefined ? 'context' : `context-${name}`
    const title = name === undefined ? 'load build context' : `load build context ${name}`
    emit({ type: 'step.start', step, name: `[internal] ${title}`, inputs: [], at: Date.now() })
    try {
      const { dockerfile, ignoreFrom, store, remote, buildArgs } = this.#options
      const keepGitDir = /^(?:1|t|true)$/i.test(buildArgs?.BUILDKIT_CONTEXT_KEEP_GIT_DIR ?? '')
      const loaded = await source.load({
        signal,
        leaveOut: store.path,
        spool: store.blobs,
        records: store.records,
        secrets,
        ssh,
        ...(remote !== undefined && { remote }),
        // As in BuildKit, the argument concerns the main context only.
        ...(name === undefined && keepGitDir && { keepGitDir }),
        ...(name === undefined && fileInContext(dockerfile)),
        ...(name === undefined && ignoreFrom !== undefined && { ignoreFrom }),
      })
      const stats = await StatCache.load(store, fromUtf8(loaded.identity))
      this.#report(name, loaded, step)
      return { loaded, stats }
    } catch (error) {
      const outcome = signal.aborted ? 'canceled' : 'failed'
      emit({ type: 'step.end', step, outcome, error: String((error as Error).message), at: Date.now() })
      throw error
    }
  }

  #sourceOf(name: string | undefined): ContextSource {
    if (name === undefined) return this.#options.context
    const named: NamedContext | undefined = this.#options.buildContexts?.[name]
    if (named?.kind === 'directory') return directory(named.path)
    if (named?.kind === 'remote') return remoteContext(named.url, { unpacks: false })
    throw new CooperageError('E_INTERNAL', `no directory is named ${name}`, { category: 'internal' })
  }

  /** In the words of BuildKit; a URL without what a history should not tell. */
  #noteOf(name: string): string {
    const named = this.#options.buildContexts?.[name]
    if (named?.kind !== 'remote') return `local source for ${name}`
    const shown = shownUrl(named.url)
    if (remoteKind(named.url) !== 'git') return `http url ${shown}`
    const { ref = '' } = parseGitUrl(named.url)
    return `git snapshot for ${shown}${ref === '' ? '' : `#${ref}`}`
  }

  #report(name: string | undefined, loaded: LoadedContext, step: string): void {
    const { emit } = this.#wires
    const at = Date.now()
    if (name === undefined) {
      this.#totals.contextFiles = loaded.files
      this.#totals.contextBytes = loaded.bytes
    }
    emit({ type: 'progress', step, id: 'files', current: loaded.files, unit: 'files', at })
    emit({ type: 'progress', step, id: 'bytes', current: loaded.bytes, unit: 'bytes', at })
    emit({ type: 'step.end', step, outcome: 'done', at })
    for (const { path, kind } of loaded.warnings) {
      const why = kind === 'store' ? 'it is the store of this build' : `an image cannot hold a ${kind}`
      this.#warn('ContextEntrySkipped', `${toUtf8(path)} is left out of the context: ${why}`)
    }
    if (loaded.gitignored !== undefined) {
      const megabytes = Math.round(loaded.gitignored.bytes / 1e6)
      this.#warn(
        'ContextHoldsGitignored',
        `the context carries ${megabytes} MB in ${loaded.gitignored.files} files that .gitignore leaves out; ` +
          'name them in .dockerignore, or give --ignore-from=.gitignore',
      )
    }
  }

  #warn(rule: string, message: string): void {
    this.#wires.emit({ type: 'warning', rule, message, at: Date.now() })
  }
}

/** The path whose `.dockerignore` comes before that of the context; a Dockerfile given as text has none. */
function fileInContext(dockerfile: BuildOptions['dockerfile']): Pick<ContextLoadOptions, 'dockerfile'> {
  return typeof dockerfile === 'object' ? {} : { dockerfile: dockerfile ?? DOCKERFILE_NAMES }
}

function explainMissing(
  path: string,
  { ignore, tree }: LoadedContext,
  context: string,
): MissingPath | undefined {
  const why = ignore?.explain(fromUtf8(path))
  if (why?.excluded === true) {
    return {
      why: `it is excluded by line ${why.line} of ${why.file}, "${why.pattern}"`,
      hint: 'change the ignore file, or copy something else',
    }
  }
  if (tree.children.size > 0) return undefined
  // Nothing was given, not even a folder: a Dockerfile alone, on stdin or as text.
  if (context === 'memory') {
    return {
      why: 'there is no context',
      hint: 'give a folder beside the Dockerfile: cooper build -f - FOLDER',
    }
  }
  return { why: `the context ${context} is empty`, hint: 'check the path of the context' }
}
