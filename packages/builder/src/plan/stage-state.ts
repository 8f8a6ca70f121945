import type { ContainerConfig, ImageConfig, Platform } from '@cooperage/store'
import type { ArgInScope, Effect } from '../steps/effect.js'
import { setVariable, splitVariable } from '../steps/environment.js'
import { absolutePath } from '../steps/unix-path.js'
import type { Operation, PlannedHistory } from './plan.js'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** A stage while its instructions are evaluated, one after the other. */
export interface StageState {
  config: ContainerConfig
  author: string | undefined
  /** Platform that the image says it has. */
  image: Platform
  readonly variables: Map<string, string>
  readonly args: ArgInScope[]
  readonly operations: Operation[]
  readonly history: PlannedHistory[]
  cmdSet: boolean
}

/** The start of a stage FROM scratch. */
export function scratchState(platform: Platform): StageState {
  return begin({ config: { WorkingDir: '/' }, author: undefined, image: platform, args: [] })
}

/** The start of a stage FROM an image: of its config, only the fields that Docker and OCI define are kept. */
export function imageState(config: ImageConfig): StageState {
  const { os, architecture, variant } = config
  const version = config['os.version']
  const features = config['os.features']
  return begin({
    config: knownFields(config.config ?? {}),
    author: config.author,
    image: {
      os,
      architecture,
      ...(variant && { variant }),
      ...(version && { 'os.version': version }),
      ...(features && { 'os.features': features }),
    },
    args: [],
  })
}

/** The start of a stage FROM another: it inherits all but the triggers. ENV wins over an ARG of the same name again. */
export function childState(parent: StageState): StageState {
  return begin({ ...parent, config: knownFields(parent.config) }, parent.variables)
}

function begin(
  from: Pick<StageState, 'config' | 'author' | 'image' | 'args'>,
  inherited: ReadonlyMap<string, string> = new Map(),
): StageState {
  const config: ContainerConfig = { ...from.config }
  const names = (config.Env ?? []).map((entry) => splitVariable(entry)[0])
  // Windows has a PATH of its own, which the system sets.
  if (!names.includes('PATH') && from.image.os !== 'windows') {
    config.Env = setVariable(config.Env ?? [], 'PATH', DEFAULT_PATH)
  }
  if (config.WorkingDir && !config.WorkingDir.startsWith('/')) {
    config.WorkingDir = absolutePath('/', config.WorkingDir)
  }
  return {
    config,
    author: from.author,
    image: from.image,
    variables: new Map([...inherited, ...(config.Env ?? []).map(splitVariable)]),
    args: [...from.args],
    operations: [],
    history: [],
    cmdSet: false,
  }
}

/** The fields a config may have; OnBuild is not inherited. */
function knownFields(config: ContainerConfig): ContainerConfig {
  const known: ContainerConfig = {}
  const keep = <K extends keyof ContainerConfig>(key: K) => {
    const value = config[key]
    if (value !== undefined && value !== null) known[key] = value
  }
  for (const key of INHERITED) keep(key)
  return known
}

const INHERITED = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'Shell',
] as const satisfies readonly (keyof ContainerConfig)[]

/** Changes the stage as an instruction says. */
export function applyEffect(state: StageState, effect: Effect): void {
  if (effect.config !== undefined) {
    const merged = { ...state.config, ...effect.config }
    const set = Object.entries(merged).filter(([, value]) => value !== undefined)
    state.config = Object.fromEntries(set)
  }
  if (effect.author !== undefined) state.author = effect.author
  for (const [name, value] of effect.variables ?? []) state.variables.set(name, value)
  state.args.push(...(effect.args ?? []))
  if (effect.setsCmd) state.cmdSet = true
  if (effect.operation !== undefined) state.operations.push(effect.operation)
  if (effect.history === undefined) return
  state.history.push({
    createdBy: effect.history,
    ...(effect.operation !== undefined && { operation: state.operations.length - 1 }),
  })
}
