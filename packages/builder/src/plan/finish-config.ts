import { type ContainerConfig, type ImageConfig, normalizePlatform, type Platform } from '@cooperage/store'
import { compareText } from '../dockerfile/go-text.js'
import type { StageState } from './stage-state.js'

type FinishedConfig = Omit<ImageConfig, 'created' | 'history' | 'rootfs'>

/**
 * The config of a stage as it is stored: fields in the order of Docker, maps sorted by bytes, empty ones left out.
 * `asked` is the platform that the person asked for: the target stage says that it is for it, whatever its base says.
 */
export function finishConfig(
  state: StageState,
  labels: Readonly<Record<string, string>>,
  asked?: Platform,
): FinishedConfig {
  const image = normalizePlatform(asked === undefined ? state.image : overridden(state.image, asked))
  const { 'os.version': version, 'os.features': features, variant } = image
  return {
    ...(state.author && { author: state.author }),
    architecture: image.architecture,
    os: image.os,
    ...(version && { 'os.version': version }),
    ...(features && features.length > 0 && { 'os.features': [...features] }),
    ...(variant && { variant }),
    config: orderedConfig(state, labels),
  }
}

function overridden(image: Platform, asked: Platform): Platform {
  const same = image.os === asked.os && image.architecture === asked.architecture
  const variant = asked.variant ?? (same ? image.variant : undefined)
  const version = asked['os.version'] ?? (same ? image['os.version'] : undefined)
  const features = asked['os.features'] ?? image['os.features']
  return {
    os: asked.os,
    architecture: asked.architecture,
    ...(variant && { variant }),
    ...(version && { 'os.version': version }),
    ...(features && { 'os.features': features }),
  }
}

function orderedConfig(state: StageState, labels: Readonly<Record<string, string>>): ContainerConfig {
  const { User, Entrypoint, Cmd, WorkingDir, StopSignal, ArgsEscaped, Healthcheck, Shell } = state.config
  const allLabels = new Map([...state.labels, ...Object.entries(labels)])
  return {
    ...(User && { User }),
    ...(state.ports.size > 0 && { ExposedPorts: emptyObjects(state.ports) }),
    ...(state.env.entries.length > 0 && { Env: [...state.env.entries] }),
    ...(Entrypoint?.length && { Entrypoint }),
    ...(Cmd?.length && { Cmd }),
    ...(state.volumes.size > 0 && { Volumes: emptyObjects(state.volumes) }),
    ...(WorkingDir && { WorkingDir }),
    ...(allLabels.size > 0 && { Labels: Object.fromEntries(sortedByKey(allLabels)) }),
    ...(StopSignal && { StopSignal }),
    ...(ArgsEscaped && { ArgsEscaped }),
    ...(Healthcheck && { Healthcheck }),
    ...(state.triggers.length > 0 && { OnBuild: [...state.triggers] }),
    ...(Shell?.length && { Shell }),
  }
}

function emptyObjects(names: Iterable<string>): Record<string, Record<string, never>> {
  return Object.fromEntries(sortedByKey([...names].map((name) => [name, {}] as const)))
}

function sortedByKey<T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => compareText(a, b))
}
