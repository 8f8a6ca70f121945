import { isDigest } from '../digest.js'
import { JsonCursor } from './json-cursor.js'
import { parseJson } from './parse-json.js'
import type { ContainerConfig, Healthcheck, History, ImageConfig, Nanoseconds } from './types.js'

const TOP = [
  'architecture',
  'os',
  'os.version',
  'os.features',
  'variant',
  'created',
  'author',
  'config',
  'rootfs',
  'history',
]
const ROOTFS = ['type', 'diff_ids']

/**
 * An image config of OCI or Docker. Optional fields that are `null` are left out. Fields the types do not know are
 * kept as they were, also inside `config`, so that a child image does not lose them; values that are only unusual
 * (Env without `=`, too much history) pass, see `validateImage`.
 *
 * @throws E_CONFIG with the JSON path; E_MANIFEST_AMBIGUOUS for repeated names; E_LIMIT above 4 MiB.
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const at = new JsonCursor(parseJson(bytes, { what: 'config', code: 'E_CONFIG' }), 'config', 'E_CONFIG')
  at.refuseCaseVariants(TOP)
  const rootfs = at.member('rootfs')
  rootfs.refuseCaseVariants(ROOTFS)
  const type = rootfs.member('type')
  if (type.string() !== 'layers') throw type.fail('is not "layers"')
  const created = at.member('created')
  if (created.present && Number.isNaN(Date.parse(created.string())))
    throw created.fail('is not a time of RFC 3339')
  const config = at.member('config')
  const history = at.member('history')
  return {
    ...unknownMembers(at, TOP),
    ...known(at, {
      'os.version': string,
      variant: string,
      author: string,
      created: string,
      'os.features': strings,
    }),
    architecture: at.member('architecture').string(),
    os: at.member('os').string(),
    ...(config.present && { config: parseContainerConfig(config) }),
    rootfs: { type: 'layers', diff_ids: rootfs.member('diff_ids').listOrNull().map(diffId) },
    ...(history.present && { history: history.list().map(parseHistory) }),
  }
}

function parseContainerConfig(at: JsonCursor): ContainerConfig {
  const read = {
    User: string,
    ExposedPorts: emptyObjects,
    Env: strings,
    Entrypoint: strings,
    Cmd: strings,
    Volumes: emptyObjects,
    WorkingDir: string,
    Labels: (item: JsonCursor) => item.stringMap(),
    StopSignal: string,
    ArgsEscaped: boolean,
    Healthcheck: parseHealthcheck,
    OnBuild: strings,
    Shell: strings,
  }
  return { ...unknownMembers(at, Object.keys(read)), ...known(at, read) }
}

function parseHealthcheck(at: JsonCursor): Healthcheck {
  return known(at, {
    Test: strings,
    Interval: nanoseconds,
    Timeout: nanoseconds,
    StartPeriod: nanoseconds,
    StartInterval: nanoseconds,
    Retries: integer,
  })
}

function parseHistory(at: JsonCursor): History {
  return known(at, {
    created: string,
    created_by: string,
    author: string,
    comment: string,
    empty_layer: boolean,
  })
}

type Readers = Readonly<Record<string, (at: JsonCursor) => unknown>>
type Read<R extends Readers> = { [K in keyof R]?: ReturnType<R[K]> }

/** The members that are present, each through its reader. */
function known<R extends Readers>(at: JsonCursor, readers: R): Read<R> {
  const result: Record<string, unknown> = {}
  for (const [name, read] of Object.entries(readers)) {
    const member = at.member(name)
    if (member.present) result[name] = read(member)
  }
  return result as Read<R>
}

function unknownMembers(at: JsonCursor, knownNames: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(at.object()).filter(([name]) => !knownNames.includes(name)))
}

function diffId(at: JsonCursor): string {
  const text = at.string()
  if (!isDigest(text)) throw at.fail(`is not a digest: ${JSON.stringify(text.slice(0, 140))}`)
  return text
}

function string(at: JsonCursor): string {
  return at.string()
}

function strings(at: JsonCursor): string[] {
  return at.strings()
}

function boolean(at: JsonCursor): boolean {
  return at.boolean()
}

function nanoseconds(at: JsonCursor): Nanoseconds {
  return at.wholeNumber(0)
}

function integer(at: JsonCursor): number {
  return at.integer(0)
}

function emptyObjects(at: JsonCursor): Record<string, Record<string, never>> {
  return at.map((item) => {
    item.object()
    return {}
  })
}
