import { CooperageError } from '@cooperage/store'
import { CsvError, csvFields } from '../instructions/csv-fields.js'
import type { ArchiveOutput, OutputSpec } from './output-spec.js'

const TYPES = ['docker', 'oci', 'local', 'tar'] as const
const NOT_SERVED: Readonly<Record<string, string>> = {
  image: 'images go into the store with --tag; a registry is not served yet',
  registry: 'pushing to a registry is not served yet: write type=oci and push it with skopeo',
  cacheonly: 'leave --output away: a build without outputs only fills the store',
}
const ANNOTATION = /^annotation(?:-manifest)?(?:\[[^\]]*\])?\.(.+)$/

/**
 * Reads an output as `docker buildx build --output` writes it: `type=docker,dest=app.tar`, a bare directory for
 * `type=local`, `-` for a tar on standard output.
 * @throws E_OUTPUT with the choices.
 */
export function parseOutput(text: string): OutputSpec {
  if (text === '-') return { kind: 'tar', destination: '-' }
  if (text !== '' && !text.includes('=')) return { kind: 'local', destination: text }
  const fields = new Map<string, string>()
  for (const field of fieldsOf(text)) {
    const at = field.indexOf('=')
    if (at === -1) throw refuse(text, `"${field}" is not of the form key=value`)
    const key = field.slice(0, at).trim().toLowerCase()
    if (fields.has(key)) throw refuse(text, `${key} is given twice`)
    fields.set(key, field.slice(at + 1).trim())
  }
  const take = (key: string) => {
    const value = fields.get(key)
    fields.delete(key)
    return value
  }
  const type = take('type')
  if (type === undefined) throw refuse(text, 'it has no type', `give type=${TYPES.join('|')}`)
  const known = TYPES.find((name) => name === type)
  if (known === undefined) {
    throw refuse(text, `there is no type "${type}"`, NOT_SERVED[type] ?? `types are ${TYPES.join(', ')}`)
  }
  const destination = take('dest')
  if (destination === undefined || destination === '') {
    throw refuse(
      text,
      'it has no destination',
      `add dest=PATH${known === 'local' ? '' : ', or dest=- for standard output'}`,
    )
  }
  if (known === 'local' && destination === '-') throw refuse(text, 'a directory cannot go to standard output')
  const spec =
    known === 'docker' || known === 'oci' ? archive(known, destination, take) : { kind: known, destination }
  const annotations: Record<string, string> = {}
  for (const [key, value] of fields) {
    const name = ANNOTATION.exec(key)?.[1]
    if (name === undefined || !('annotations' in spec)) {
      throw refuse(text, `type=${known} has no option "${key}"`)
    }
    annotations[name] = value
  }
  return 'annotations' in spec ? { ...spec, annotations } : spec

  function archive(
    kind: 'docker' | 'oci',
    dest: string,
    option: (key: string) => string | undefined,
  ): ArchiveOutput {
    const compression = option('compression')
    if (compression !== undefined && compression !== 'gzip' && compression !== 'uncompressed') {
      throw refuse(text, `compression "${compression}" is not served`, 'choose gzip or uncompressed')
    }
    const level = option('compression-level')
    if (level !== undefined && !/^[0-9]$/.test(level))
      throw refuse(text, 'compression-level goes from 0 to 9')
    const tar = flag('tar', option('tar'), true)
    if (!tar && dest === '-') throw refuse(text, 'a directory cannot go to standard output')
    const names = option('name')
    return {
      kind,
      destination: dest,
      tar,
      ...(compression !== undefined && { compression }),
      ...(level !== undefined && { compressionLevel: Number(level) }),
      forceCompression: flag('force-compression', option('force-compression'), false),
      ociMediaTypes: flag('oci-mediatypes', option('oci-mediatypes'), true),
      rewriteTimestamp: flag('rewrite-timestamp', option('rewrite-timestamp'), false),
      ...(names !== undefined && { names: names.split(',') }),
      annotations: {},
    }
  }

  function flag(key: string, value: string | undefined, otherwise: boolean): boolean {
    if (value === undefined) return otherwise
    if (/^(?:1|t|true)$/i.test(value)) return true
    if (/^(?:0|f|false)$/i.test(value)) return false
    throw refuse(text, `${key} is true or false, not "${value}"`)
  }
}

function fieldsOf(text: string): string[] {
  if (text === '') return []
  try {
    return csvFields(text)
  } catch (error) {
    if (error instanceof CsvError) throw refuse(text, 'its quotes do not match')
    throw error
  }
}

function refuse(text: string, why: string, hint?: string): CooperageError {
  return new CooperageError('E_OUTPUT', `cannot use the output "${text}": ${why}`, {
    ...(hint !== undefined && { hint }),
    data: { output: text },
  })
}
