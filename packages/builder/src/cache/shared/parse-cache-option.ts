import { CooperageError, parseReference } from '@cooperage/store'
import { CsvError, csvFields } from '../../instructions/csv-fields.js'
import type { CacheCompression, CacheSource, CacheTarget } from './cache-option.js'

/** Places of BuildKit that belong to services, and are not spoken to. */
const ELSEWHERE: readonly string[] = ['gha', 's3', 'azblob']

/**
 * Reads a value of `--cache-from`: `type=registry,ref=NAME`, a bare name meaning the same, or
 * `type=local,src=DIR[,tag=T|,digest=D]`, both with `mounts=true`, the first with `registry.insecure=true`.
 * @throws E_CACHE_OPTION, E_REF
 */
export function parseCacheSource(text: string): CacheSource {
  const fields = new Fields('cache-from', text)
  switch (fields.type()) {
    case 'registry':
      return fields.end({ kind: 'registry', ...fields.repository(), ...fields.mounts() })
    case 'local': {
      const path = fields.required('src')
      const tag = fields.take('tag')
      const digest = fields.take('digest')
      return fields.end({
        kind: 'local',
        path,
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
        ...fields.mounts(),
      })
    }
    default:
      throw fields.refuse('an inline cache is read from where the image is', 'write type=registry,ref=IMAGE')
  }
}

/**
 * Reads a value of `--cache-to`: `type=registry,ref=NAME`, `type=local,dest=DIR` or `type=inline`, the first two with
 * `mode=min|max`, `compression=gzip|zstd|uncompressed`, `compression-level`, `ignore-error`, `mounts`.
 * @throws E_CACHE_OPTION, E_REF
 */
export function parseCacheTarget(text: string): CacheTarget {
  const fields = new Fields('cache-to', text)
  const kind = fields.type()
  if (kind === 'inline') {
    fields.choice('mode', ['min'], 'min')
    if (fields.flag('mounts', false))
      throw fields.refuse(
        'an inline cache holds no cache mounts',
        'give mounts=true to type=registry or type=local',
      )
    return fields.end({ kind })
  }
  const steps = {
    mode: fields.choice('mode', ['min', 'max'], 'min'),
    ...fields.compression(),
    ignoreError: fields.flag('ignore-error', true),
    ...fields.mounts(),
  }
  if (fields.flag('force-compression', false)) {
    throw fields.refuse(
      'a layer that is only in another cache is written as it is there',
      'leave force-compression out: layers of this machine have the compression that is asked for',
    )
  }
  // What BuildKit lets one choose about the form of its manifest has one answer here.
  for (const key of ['oci-mediatypes', 'image-manifest']) {
    if (!fields.flag(key, true)) throw fields.refuse(`${key} is always true here`)
  }
  if (kind === 'registry') return fields.end({ kind, ...fields.repository(), ...steps })
  const path = fields.required('dest')
  const tag = fields.take('tag')
  return fields.end({ kind, path, ...(tag !== undefined && { tag }), ...steps })
}

class Fields {
  readonly #flag: string
  readonly #text: string
  readonly #fields = new Map<string, string>()

  constructor(flag: string, text: string) {
    this.#flag = flag
    this.#text = text
    if (text !== '' && !text.includes('=')) {
      this.#fields.set('type', 'registry').set('ref', text)
      return
    }
    for (const field of this.#split()) {
      const at = field.indexOf('=')
      if (at === -1) throw this.refuse(`"${field}" is not of the form key=value`)
      const key = field.slice(0, at).trim().toLowerCase()
      if (this.#fields.has(key)) throw this.refuse(`${key} is given twice`)
      this.#fields.set(key, field.slice(at + 1).trim())
    }
  }

  type(): 'registry' | 'local' | 'inline' {
    const type = this.required('type')
    if (type === 'registry' || type === 'local' || type === 'inline') return type
    const hint = ELSEWHERE.includes(type)
      ? 'that service is not spoken to: give registry or local'
      : 'types are registry, local and inline'
    throw this.refuse(`there is no type "${type}"`, hint)
  }

  take(key: string): string | undefined {
    const value = this.#fields.get(key)
    this.#fields.delete(key)
    return value
  }

  required(key: string): string {
    const value = this.take(key)
    if (value !== undefined && value !== '') return value
    throw this.refuse(`it has no ${key}`)
  }

  repository(): { readonly reference: string; readonly insecure?: true } {
    const reference = parseReference(this.required('ref')).toString()
    return { reference, ...(this.flag('registry.insecure', false) && { insecure: true }) }
  }

  choice<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
    const value = this.take(key)
    const found = value === undefined ? otherwise : choices.find((choice) => choice === value)
    if (found !== undefined) return found
    throw this.refuse(`${key} cannot be "${value}"`, `choose ${choices.join(' or ')}`)
  }

  /** As BuildKit reads them, and options of outputs are read. */
  flag(key: string, otherwise: boolean): boolean {
    const value = this.take(key)
    if (value === undefined) return otherwise
    if (/^(?:1|t|true)$/i.test(value)) return true
    if (/^(?:0|f|false)$/i.test(value)) return false
    throw this.refuse(`${key} cannot be "${value}"`, 'choose true or false')
  }

  mounts(): { readonly mounts?: true } {
    return this.flag('mounts', false) ? { mounts: true } : {}
  }

  compression(): { readonly compression: CacheCompression; readonly compressionLevel?: number } {
    const compression = this.choice('compression', ['gzip', 'zstd', 'uncompressed'], 'gzip')
    const value = this.take('compression-level')
    if (value === undefined) return { compression }
    const highest = compression === 'zstd' ? 22 : 9
    const level = /^[0-9]{1,2}$/.test(value) ? Number(value) : Number.NaN
    if (level <= highest) return { compression, compressionLevel: level }
    throw this.refuse(`compression-level goes from 0 to ${highest}`)
  }

  /** Hands the value on when every field was understood. */
  end<T>(value: T): T {
    const [unknown] = this.#fields.keys()
    if (unknown !== undefined) throw this.refuse(`it has an unknown field "${unknown}"`)
    return value
  }

  refuse(why: string, hint?: string): CooperageError {
    return new CooperageError('E_CACHE_OPTION', `cannot use --${this.#flag} "${this.#text}": ${why}`, {
      ...(hint !== undefined && { hint }),
      data: { flag: this.#flag, value: this.#text },
    })
  }

  #split(): string[] {
    if (this.#text === '') throw this.refuse('it is empty', 'write a reference, or type=…')
    try {
      return csvFields(this.#text)
    } catch (error) {
      if (error instanceof CsvError) throw this.refuse('its quotes do not match')
      throw error
    }
  }
}
