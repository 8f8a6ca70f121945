import {
  type BuildOptions,
  directory,
  memory,
  remoteContext,
  remoteKind,
  tarContext,
} from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import type { Invocation } from '../invocation.js'
import type { BuildTarget } from './build-targets.js'
import { hostDockerfile } from './host-dockerfile.js'
import { readStdin, readStdinDockerfile } from './stdin-source.js'

type Input = Pick<BuildOptions, 'context' | 'dockerfile'>
type StdinReader = Pick<Invocation, 'terminal' | 'signal'>

/** Reads like the name of another machine. */
const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i

/** The context and the Dockerfile of one build. @throws E_CLI */
export async function contextInput(target: BuildTarget, invocation: StdinReader): Promise<Input> {
  const { terminal, signal } = invocation
  const { context, dockerfile } = target
  for (const place of [context, dockerfile ?? '']) {
    if (!REMOTE.test(place) || (place === context && remoteKind(place) !== undefined)) continue
    throw new CooperageError('E_CLI', `cannot read from ${place}`, {
      hint: 'a context is a folder, a URL of http or https, or a git repository such as https://host/x.git',
    })
  }
  if (dockerfile === '-') {
    const text = await readStdinDockerfile(terminal, signal)
    const source = remoteKind(context) === undefined ? directory(context) : remoteContext(context)
    return { context: source, dockerfile: { text, name: '<stdin>' } }
  }
  if (remoteKind(context) !== undefined) {
    return { context: remoteContext(context), ...(dockerfile === undefined ? {} : { dockerfile }) }
  }
  if (context !== '-') return directoryInput(context, dockerfile)
  const source = await readStdin(terminal, signal)
  if (source.kind === 'tar') {
    return { context: tarContext(source.stream), ...(dockerfile === undefined ? {} : { dockerfile }) }
  }
  if (dockerfile !== undefined) {
    throw new CooperageError('E_CLI', 'stdin holds a Dockerfile, and --file names another one', {
      hint: 'send a tar archive of the context, or leave --file out',
    })
  }
  return { context: memory({}), dockerfile: { text: source.text, name: '<stdin>' } }
}

async function directoryInput(path: string, file: string | undefined): Promise<Input> {
  const context = directory(path)
  if (file === undefined) return { context }
  const found = await hostDockerfile(path, file)
  if (found.kind === 'inside') return { context, dockerfile: found.path }
  const { ignore } = found
  const dockerfile = { text: found.text, name: file }
  if (ignore === undefined) return { context, dockerfile }
  const beside = { file: `${file}.dockerignore`, text: ignore }
  return {
    dockerfile,
    context: { name: context.name, load: (options = {}) => context.load({ ...options, ignore: beside }) },
  }
}
