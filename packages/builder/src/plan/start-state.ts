import type { ContainerConfig, Platform } from '@cooperage/store'
import type { PlainConfig } from '../steps/effect.js'
import { workingDirectory } from '../steps/working-directory.js'
import { Environment, splitVariable } from './environment.js'
import type { BaseImage } from './plan.js'
import { type StageState, setLast } from './stage-state.js'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The start of a stage FROM scratch. */
export function scratchState(platform: Platform): StageState {
  return begin({ WorkingDir: '/' }, platform)
}

/** What a directory that stands in for a whole stage is: as in BuildKit, an image without any config. */
export function replacedState(platform: Platform): StageState {
  return begin({}, platform, { hasPath: false })
}

/** The start of a stage FROM an image: of its config, only the fields that Docker and OCI define are kept. */
export function imageState(base: BaseImage): StageState {
  const image = base.config
  const { os, architecture, variant } = image
  const version = image['os.version']
  const features = image['os.features']
  const started = begin(image.config ?? {}, {
    os,
    architecture,
    ...(variant && { variant }),
    ...(version && { 'os.version': version }),
    ...(features && { 'os.features': features }),
  })
  return { ...started, author: image.author, baseKnown: base.assumed !== true }
}

/** The start of a stage FROM another: it inherits all but the triggers. ENV wins over an ARG of the same name again. */
export function childState(parent: StageState): StageState {
  const env = new Environment(parent.env.entries)
  if (parent.image.os !== 'windows') setPath(env)
  const variables = new Map(parent.variables)
  // As in BuildKit, a stage sets anew what it inherits.
  for (const [name, value] of env.entries.map(splitVariable)) setLast(variables, name, value)
  return {
    ...parent,
    env,
    labels: new Map(parent.labels),
    ports: new Set(parent.ports),
    volumes: new Set(parent.volumes),
    triggers: [],
    variables,
    args: [...parent.args],
    argNames: new Set(parent.argNames),
    operations: [],
    platformLabels: [],
    vertices: [],
    history: [],
    cmdSet: false,
  }
}

function setPath(env: Environment): void {
  if (!env.has('PATH')) env.set('PATH', DEFAULT_PATH)
}

function begin(config: ContainerConfig, image: Platform, { hasPath = true } = {}): StageState {
  const env = new Environment(config.Env ?? [])
  // Windows has a PATH of its own, which the system sets.
  if (hasPath && image.os !== 'windows') setPath(env)
  return {
    config: plainConfig(config, image.os),
    env,
    labels: new Map(Object.entries(config.Labels ?? {})),
    ports: new Set(Object.keys(config.ExposedPorts ?? {})),
    volumes: new Set(Object.keys(config.Volumes ?? {})),
    triggers: [],
    author: undefined,
    image,
    variables: new Map(env.entries.map(splitVariable)),
    args: [],
    argNames: new Set(),
    operations: [],
    platformLabels: [],
    vertices: [],
    history: [],
    cmdSet: false,
    workdirSet: false,
    baseKnown: true,
  }
}

function plainConfig(config: ContainerConfig, os: string): PlainConfig {
  const { User, Entrypoint, Cmd, WorkingDir, StopSignal, ArgsEscaped, Healthcheck, Shell } = config
  return {
    ...(User && { User }),
    ...(Entrypoint && { Entrypoint }),
    ...(Cmd && { Cmd }),
    // As BuildKit enters it: by a WORKDIR of the image's own, so a relative one is there twice.
    ...(WorkingDir && { WorkingDir: workingDirectory(WorkingDir, WorkingDir, os) }),
    ...(StopSignal && { StopSignal }),
    ...(ArgsEscaped && { ArgsEscaped }),
    ...(Healthcheck && { Healthcheck }),
    ...(Shell && { Shell }),
  }
}
