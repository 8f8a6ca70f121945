import { CooperageError } from '@cooperage/store'
import { csvFields } from '../instructions/csv-fields.js'
import type { RunMount } from '../plan/plan.js'
import { imagePath } from './image-path.js'
import { checkMount } from './mount-check.js'
import { type MountDraft, setMountFlag, setMountKey } from './mount-keys.js'
import type { StepContext } from './step-context.js'
import { absolutePath, cleanPath } from './unix-path.js'

/**
 * One `--mount` of RUN, its values expanded.
 * @throws E_DF_FLAG with BuildKit's message.
 */
export function runMount(text: string, context: StepContext): RunMount {
  const draft = parse(text, context)
  const message = checkMount(draft)
  if (message !== undefined) throw mountError(message, text, context)
  const { from, size = 0, ...written } = draft
  // The name of a cache is where it is as it is written: two stages with other working directories share `target=c`.
  const isUnnamed = written.type === 'cache' && written.id === ''
  const mount = isUnnamed ? { ...written, id: cleanPath(written.target) } : written
  // A cache without a source starts empty.
  const origin = from ?? (mount.type === 'cache' ? 'scratch' : undefined)
  return {
    ...mount,
    target: targetOf(draft, text, context),
    readOnly: mount.readOnly ?? (mount.type !== 'cache' && mount.type !== 'tmpfs'),
    // Without a limit of its own: to the kernel, 0 is no limit at all.
    ...(size > 0 && { size }),
    ...(origin !== undefined && { from: context.source(origin) }),
  }
}

function parse(text: string, context: StepContext): MountDraft {
  let draft: MountDraft = { type: 'bind', source: '', target: '', id: '', required: false }
  for (const field of csvFields(text)) {
    const at = field.indexOf('=')
    const key = (at === -1 ? field : field.slice(0, at)).toLowerCase()
    const written = field.slice(at + 1)
    // What it is taken from was found before words expand, by the text.
    const value = key === 'from' || at === -1 ? written : context.word(written)
    const change = at === -1 ? setMountFlag(draft, key, field) : setMountKey(draft, { key, value, field })
    if (typeof change === 'string') throw mountError(change, text, context)
    draft = { ...draft, ...change }
  }
  return draft
}

function targetOf({ type, target }: MountDraft, text: string, context: StepContext): string {
  if ((type === 'secret' || type === 'ssh') && target === '') return target
  const path = absolutePath(context.workdir, imagePath(target, context.os))
  if (path === '/') throw mountError(`invalid mount target ${JSON.stringify(path)}`, text, context)
  return path
}

function mountError(message: string, value: string, { location }: StepContext): CooperageError {
  return new CooperageError('E_DF_FLAG', message, { location, data: { flag: 'mount', value } })
}
