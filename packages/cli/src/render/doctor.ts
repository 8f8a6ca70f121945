import type { DoctorAnswer, ExecutorState, StoreState } from '../commands/doctor.js'
import { escapeLine } from './escape.js'
import { table } from './table.js'

/** What a person wants to know first: whether RUN works, how well, and what to do when it does not. */
export function renderDoctor({ version, node, host, store, executors }: DoctorAnswer): string {
  const chosen = executors.find(({ isChosen }) => isChosen)
  const missing = ['newuidmap', 'fuse-overlayfs', 'runc', 'crun'].filter((name) => !(name in host.tools))
  const sections = [
    [
      chosen === undefined
        ? 'RUN cannot be served here. All that needs no container builds as it is.'
        : `RUN uses ${chosen.name}: ${chosen.description}`,
      ...list('it lacks', chosen?.lacks ?? []),
      ...warnings(chosen),
    ],
    [table(['', 'EXECUTOR', 'WORKS', 'HOW'], executors.map(row)).trimEnd()],
    worthMending(executors).flatMap(failuresOf),
    [
      `cooper ${version} (Node ${node}), ${host.system}, ${host.uid === 0 ? 'root' : `user ${host.uid}`}${host.isInContainer ? ', in a container' : ''}`,
      `store: ${storeLine(store)}`,
      `control groups: ${host.cgroups}`,
      ...(missing.length === 0 ? [] : [`not installed: ${missing.join(', ')}`]),
      ...(host.fuse ? [] : ['no /dev/fuse, which fuse-overlayfs needs']),
      ...(host.restrictsUserNamespaces
        ? ['user namespaces are restricted to root by a setting of the kernel']
        : []),
    ],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

function row(state: ExecutorState): string[] {
  const { name, works, isChosen, description, overlay, owners } = state
  const how = works
    ? `${description}; overlays: ${overlay}; owners: ${owners}`
    : (state.failures.at(-1)?.why ?? '')
  return [isChosen ? '*' : '', name, works ? 'yes' : 'no', how]
}

/** What keeps from something better than what is chosen. */
function worthMending(executors: readonly ExecutorState[]): readonly ExecutorState[] {
  const chosen = executors.findIndex(({ isChosen }) => isChosen)
  return chosen === -1 ? executors : executors.slice(0, chosen + 1)
}

function failuresOf({ name, failures }: ExecutorState): string[] {
  return failures.flatMap(({ tried, why, remedy }) => [
    escapeLine(`${name}: ${tried === name ? '' : `${tried}: `}${why}`),
    escapeLine(`  -> ${remedy}`),
  ])
}

function warnings(chosen: ExecutorState | undefined): string[] {
  if (chosen === undefined || chosen.advisories.length === 0) return []
  const ids = chosen.advisories.join(', ')
  return [`warning: by its version it may have ${ids}; distributions mend such flaws without a new version`]
}

function storeLine({ path, fileSystem, error }: StoreState): string {
  if (error !== undefined) return escapeLine(error)
  const note =
    fileSystem === 'overlay' ? ', on which no overlay can be made: RUN copies the files of its image' : ''
  return `${escapeLine(path)} on ${fileSystem}${note}`
}

function list(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `  - ${line}`)]
}
