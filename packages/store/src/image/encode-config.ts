import { goJson, goMap } from './go-json.js'
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.js'
import type { ImageConfig } from './types.js'

/** Order of the fields in BuildKit's struct; each is left out when empty. */
const BUILDKIT_ORDER = (
  'User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal ArgsEscaped ' +
  'Memory MemorySwap CpuShares Healthcheck OnBuild Shell'
).split(' ')

/** Order in the struct of Docker's daemon, which `docker commit` and the classic builder wrote, empty fields included. */
const DOCKER_ORDER = (
  'Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce Env Cmd ' +
  'Healthcheck ArgsEscaped Image Volumes WorkingDir Entrypoint NetworkDisabled MacAddress OnBuild Labels ' +
  'StopSignal StopTimeout Shell'
).split(' ')

const MAPS = new Set(['ExposedPorts', 'Volumes', 'Labels'])
const HEALTHCHECK_ORDER = ['Test', 'Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries']
const HISTORY_ORDER = ['created', 'created_by', 'author', 'comment', 'empty_layer']
const ROOTFS_ORDER = ['type', 'diff_ids']
const TOP_OMIT_EMPTY = new Set(['created', 'author', 'os.version', 'os.features', 'variant'])

/**
 * The bytes of an image config as BuildKit exports it: compact, names at the top sorted, `config` in the order of
 * its struct, maps sorted. Fields that the types do not know (of a base image) are kept: at the top in their sorted
 * place, elsewhere after the known ones. `config` is always present, since inspecting tools trip over its absence,
 * and so is `created`.
 */
export function encodeConfig(config: ImageConfig): Uint8Array {
  const source = config as unknown as JsonObject
  const top: Record<string, unknown> = { config: {}, created: null }
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined || (TOP_OMIT_EMPTY.has(name) && isEmpty(value))) continue
    top[name] = topField(name, value)
  }
  return Buffer.from(goJson(goMap(top)))
}

function topField(name: string, value: JsonValue): unknown {
  if (name === 'config' && isJsonObject(value)) return containerConfig(value)
  if (name === 'rootfs' && isJsonObject(value)) {
    const { diff_ids } = value
    // An image without layers has no list of them in BuildKit's configs.
    const some = Array.isArray(diff_ids) && diff_ids.length === 0 ? { ...value, diff_ids: null } : value
    return ordered(some, ROOTFS_ORDER, () => false)
  }
  if (name === 'history' && Array.isArray(value)) {
    if (value.length === 0) return null
    return value.map((entry) => (isJsonObject(entry) ? ordered(entry, HISTORY_ORDER, isEmpty) : entry))
  }
  return value
}

function containerConfig(config: JsonObject): Map<string, unknown> {
  const byDocker = 'Hostname' in config || 'AttachStdin' in config || 'Image' in config
  const result = ordered(config, byDocker ? DOCKER_ORDER : BUILDKIT_ORDER, byDocker ? () => false : isEmpty)
  for (const [name, value] of result) {
    if (MAPS.has(name) && isJsonObject(value)) result.set(name, goMap(value))
    if (name === 'Healthcheck' && isJsonObject(value))
      result.set(name, ordered(value, HEALTHCHECK_ORDER, isEmpty))
  }
  return result
}

/** Known names first, in their order and unless `omit` says so; then the others as they come. */
function ordered(
  source: JsonObject,
  order: readonly string[],
  omit: (value: JsonValue) => boolean,
): Map<string, unknown> {
  const result = new Map<string, unknown>()
  for (const name of order) {
    const value = source[name]
    if (value !== undefined && Object.hasOwn(source, name) && !omit(value)) result.set(name, value)
  }
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && !order.includes(name)) result.set(name, value)
  }
  return result
}

/** What Go's `omitempty` leaves out; also an empty Healthcheck, which means nothing. */
function isEmpty(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isJsonObject(value)) return Object.keys(value).length === 0
  return value === null || value === '' || value === 0 || value === false
}
