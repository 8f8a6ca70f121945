import { CooperageError } from '@cooperage/store'
import { CsvError, csvFields } from '../instructions/csv-fields.js'
import { ANNOTATION_TYPES, type Annotation } from './annotations.js'
import { OutputFields } from './output-fields.js'
import type { ArchiveOutput, FilesOutput, FormedOutput, ImageOutput, OutputSpec } from './output-spec.js'

const TYPES = ['docker', 'oci', 'image', 'registry', 'local', 'tar', 'cacheonly'] as const
const ANNOTATION = /^annotation(?:-([a-z-]+))?(?:\[([A-Za-z0-9_/-]+)\])?\.(\S+)$/
const COMPRESSIONS = ['gzip', 'zstd', 'uncompressed'] as const

/**
 * Reads an output as `docker buildx build --output` writes it: `type=docker,dest=app.tar`, a bare directory for
 * `type=local`, `-` for a tar on standard output.
 * @throws E_OUTPUT with the choices.
 */
export function parseOutput(text: string): OutputSpec {
  if (text === '-') return { kind: 'tar', destination: '-' }
  if (text !== '' && !text.includes('=')) return { kind: 'local', destination: text }
  const fields = new OutputFields(text, csvOf(text))
  const type = fields.take('type')
  if (type === undefined) throw fields.refuse('it has no type', `give type=${TYPES.join('|')}`)
  const kind = TYPES.find((name) => name === type)
  if (kind === undefined) {
    throw fields.refuse(`there is no type "${type}"`, `types are ${TYPES.join(', ')}`)
  }
  const spec = specOf(kind, fields)
  fields.refuseRest(`type=${kind}`)
  return spec
}

function specOf(kind: (typeof TYPES)[number], fields: OutputFields): OutputSpec {
  if (kind === 'cacheonly') return { kind, destination: '' }
  return kind === 'image' || kind === 'registry' ? image(kind, fields) : withPlace(kind, fields)
}

/** `registry` is an image that is pushed, as in buildx. */
function image(kind: 'image' | 'registry', fields: OutputFields): ImageOutput {
  const push = kind === 'registry' || (fields.flag('push') ?? false)
  const store = fields.flag('store')
  if (fields.flag('unpack') === true) {
    throw fields.refuse('images are not unpacked', 'leave unpack out: the store keeps layers as they are')
  }
  const formed = form(fields)
  return {
    kind: 'image',
    destination: formed.names?.join(',') ?? '',
    push,
    ...(store !== undefined && { store }),
    pushByDigest: fields.flag('push-by-digest') ?? false,
    nameCanonical: fields.switch('name-canonical') ?? false,
    insecure: fields.flag('registry.insecure') ?? false,
    ...formed,
  }
}

function withPlace(kind: 'docker' | 'oci' | 'local' | 'tar', fields: OutputFields): OutputSpec {
  const given = fields.take('dest')
  // As in buildx; there, type=docker without a place loads into a daemon.
  const destination = given || (kind === 'oci' || kind === 'tar' ? '-' : '')
  if (destination === '') {
    const stdout = kind === 'local' ? '' : ', or dest=- for standard output'
    throw fields.refuse('it has no destination', `add dest=PATH${stdout}`)
  }
  return kind === 'docker' || kind === 'oci'
    ? archive(kind, destination, fields)
    : files(kind, destination, fields)
}

function files(kind: 'local' | 'tar', destination: string, fields: OutputFields): FilesOutput {
  if (kind === 'local' && destination === '-') throw fields.refuse('a directory cannot go to standard output')
  const split = fields.flag('platform-split')
  const mode = kind === 'local' ? fields.take('mode')?.toLowerCase() : undefined
  if (mode !== undefined && mode !== '' && mode !== 'copy' && mode !== 'delete') {
    throw fields.refuse(`invalid local exporter mode ${JSON.stringify(mode)}`, 'choose copy or delete')
  }
  return {
    kind,
    destination,
    ...(split !== undefined && { platformSplit: split }),
    ...(mode === 'delete' && { mode }),
    ...fields.epoch(),
  }
}

function archive(kind: 'docker' | 'oci', destination: string, fields: OutputFields): ArchiveOutput {
  const tar = fields.flag('tar') ?? true
  if (!tar && destination === '-') throw fields.refuse('a directory cannot go to standard output')
  return { kind, destination, tar, ...form(fields) }
}

function form(fields: OutputFields): FormedOutput {
  const compression = compressionOf(fields)
  const level = levelOf(compression, fields)
  const names = fields.take('name')
  const keepsNondistributable = fields.flag('prefer-nondist-layers')
  return {
    ...(compression !== undefined && { compression }),
    ...(level !== undefined && { compressionLevel: level }),
    forceCompression: fields.switch('force-compression') ?? false,
    ociMediaTypes: fields.switch('oci-mediatypes') ?? true,
    rewriteTimestamp: fields.switch('rewrite-timestamp') ?? false,
    ...(names !== undefined && { names: names.split(',') }),
    ...(keepsNondistributable !== undefined && { preferNondistributable: keepsNondistributable }),
    ...fields.epoch(),
    annotations: annotationsOf(fields),
  }
}

function compressionOf(fields: OutputFields): ArchiveOutput['compression'] {
  const text = fields.take('compression')
  if (text === undefined) return undefined
  const known = COMPRESSIONS.find((one) => one === text)
  if (known !== undefined) return known
  const why =
    text === 'estargz' ? `compression "${text}" is not served` : `unsupported compression type ${text}`
  throw fields.refuse(why, `choose ${COMPRESSIONS.join(', ')}`)
}

function levelOf(compression: ArchiveOutput['compression'], fields: OutputFields): number | undefined {
  const text = fields.take('compression-level')
  if (text === undefined) return undefined
  const highest = compression === 'zstd' ? 22 : 9
  const level = /^[0-9]{1,2}$/.test(text) ? Number(text) : Number.NaN
  if (level <= highest) return level
  throw fields.refuse(`compression-level goes from 0 to ${highest}`)
}

function annotationsOf(fields: OutputFields): Annotation[] {
  return fields.takeAll(/^annotation[-.[]/).map(([name, value]) => {
    const [, type = 'manifest', platform, key] = ANNOTATION.exec(name) ?? []
    if (key === undefined) throw fields.refuse(`could not fully parse annotation ${name}`)
    const known = ANNOTATION_TYPES.find((one) => one === type)
    if (known === undefined) {
      throw fields.refuse(`unrecognized annotation type ${type}`, `types are ${ANNOTATION_TYPES.join(', ')}`)
    }
    return {
      key,
      value,
      ...(known !== 'manifest' && { type: known }),
      ...(platform !== undefined && { platform }),
    }
  })
}

function csvOf(text: string): string[] {
  if (text === '') return []
  try {
    return csvFields(text)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new CooperageError('E_OUTPUT', `cannot use the output "${text}": its quotes do not match`, {
      data: { output: text },
    })
  }
}
