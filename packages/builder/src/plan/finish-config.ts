import { type ContainerConfig, fromUtf8, type ImageConfig, type Platform } from '@cooperage/store'
import { normalizePlatform } from './platform.js'
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
    config: orderedConfig({ ...state.config, Labels: { ...state.config.Labels, ...labels } }),
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

function orderedConfig(config: ContainerConfig): ContainerConfig {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels } = config
  const { StopSignal, ArgsEscaped, Healthcheck, OnBuild, Shell } = config
  return {
    ...(User && { User }),
    ...(filled(ExposedPorts) && { ExposedPorts: sorted(ExposedPorts!) }),
    ...(Env?.length && { Env }),
    ...(Entrypoint?.length && { Entrypoint }),
    ...(Cmd?.length && { Cmd }),
    ...(filled(Volumes) && { Volumes: sorted(Volumes!) }),
    ...(WorkingDir && { WorkingDir }),
    ...(filled(Labels) && { Labels: sorted(Labels!) }),
    ...(StopSignal && { StopSignal }),
    ...(ArgsEscaped && { ArgsEscaped }),
    ...(Healthcheck && { Healthcheck }),
    ...(OnBuild?.length && { OnBuild }),
    ...(Shell?.length && { Shell }),
  }
}

function filled(map: object | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0
}

function sorted<T>(map: Record<string, T>): Record<string, T> {
  const entries = Object.entries(map).map(([key, value]) => ({ bytes: fromUtf8(key), key, value }))
  entries.sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0))
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}
