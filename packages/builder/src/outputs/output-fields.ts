import { CooperageError } from '@cooperage/store'

/** Options of BuildKit's exporters that there is a reason not to serve. */
const REFUSED: Readonly<Record<string, string>> = {
  'attestation-prefix': 'no attestations are written',
  'attestation-inline': 'no attestations are written',
  'oci-artifact': 'no attestations are written',
  'buildinfo-attrs': 'BuildKit removed it in 0.12',
  buildinfo: 'BuildKit removed it in 0.12',
  unpack: 'it is for type=image',
  store: 'it is for type=image',
  push: 'it is for type=image',
  'push-by-digest': 'it is for type=image and type=registry',
  'registry.insecure': 'it is for type=image and type=registry',
  'dangling-name-prefix': 'an image without a name is kept under its digest',
}

/** The options of an output, taken one after the other; what is left at the end is not known. */
export class OutputFields {
  readonly #text: string
  readonly #fields = new Map<string, string>()

  /** @throws E_OUTPUT for what is not `key=value`, or a key given twice */
  constructor(text: string, fields: readonly string[]) {
    this.#text = text
    for (const field of fields) {
      const at = field.indexOf('=')
      if (at === -1) throw this.refuse(`"${field}" is not of the form key=value`)
      const key = lowerName(field.slice(0, at).trim())
      if (this.#fields.has(key)) throw this.refuse(`${key} is given twice`)
      this.#fields.set(key, field.slice(at + 1).trim())
    }
  }

  take(key: string): string | undefined {
    const value = this.#fields.get(key)
    this.#fields.delete(key)
    return value
  }

  takeAll(pattern: RegExp): [key: string, value: string][] {
    const found = [...this.#fields].filter(([key]) => pattern.test(key))
    for (const [key] of found) this.#fields.delete(key)
    return found
  }

  /** @throws E_OUTPUT for what is neither true nor false */
  flag(key: string): boolean | undefined {
    const value = this.take(key)
    if (value === undefined) return undefined
    if (/^(?:1|t|true)$/i.test(value)) return true
    if (/^(?:0|f|false)$/i.test(value)) return false
    throw this.refuse(`${key} is true or false, not "${value}"`)
  }

  /** As `flag`; `key=` alone switches on, as in BuildKit. */
  switch(key: string): boolean | undefined {
    if (this.#fields.get(key) !== '') return this.flag(key)
    this.take(key)
    return true
  }

  /** `source-date-epoch`, in seconds since 1970; null when the output is to have none. */
  epoch(): { readonly sourceDateEpoch?: number | null } {
    const value = this.take('source-date-epoch')
    if (value === undefined) return {}
    if (value === '') return { sourceDateEpoch: null }
    const seconds = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
    if (Number.isSafeInteger(seconds)) return { sourceDateEpoch: seconds }
    throw this.refuse(
      `invalid source-date-epoch: ${JSON.stringify(value)}`,
      'it counts whole seconds since 1970',
    )
  }

  /** @throws E_OUTPUT when something was not taken */
  refuseRest(what: string): void {
    for (const key of this.#fields.keys()) throw this.refuse(`${what} has no option "${key}"`, REFUSED[key])
  }

  refuse(why: string, hint?: string): CooperageError {
    return new CooperageError('E_OUTPUT', `cannot use the output "${this.#text}": ${why}`, {
      ...(hint !== undefined && { hint }),
      data: { output: this.#text },
    })
  }
}

/** Names of options are read in any case; the key of an annotation is part of what is written. */
function lowerName(name: string): string {
  const [, option, rest = ''] = /^(annotation[^.]*)(\..*)$/is.exec(name) ?? []
  return option === undefined ? name.toLowerCase() : `${option.toLowerCase()}${rest}`
}
