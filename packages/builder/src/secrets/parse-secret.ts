import { CooperageError } from '@cooperage/store'
import { CsvError, csvFields } from '../instructions/csv-fields.js'

/** Where `--secret` says that a secret is. */
export interface SecretSpec {
  readonly id: string
  /** `either`: the variable of that name when it is set, else the file. */
  readonly from: 'file' | 'env' | 'either'
  /** Of the file or the variable. */
  readonly name: string
}

const FORM = 'write id=NAME,src=FILE or id=NAME,env=VARIABLE'

/**
 * Reads a secret as `docker buildx build --secret` writes it: `id=npm,src=token.txt`, `id=npm,env=NPM_TOKEN`, or `id=npm`
 * for the variable or the file called `npm`.
 * @throws E_SECRET_SPEC, E_SECRET_ID. Their texts hold no field's value: somebody may have written the secret itself there
 */
export function parseSecret(text: string): SecretSpec {
  const fields: { id?: string; src?: string; env?: string; type?: string } = {}
  for (const field of fieldsOf(text)) {
    const at = field.indexOf('=')
    if (at === -1) throw refuse('a field is not of the form key=value')
    const key = field.slice(0, at).toLowerCase()
    const value = field.slice(at + 1)
    if (key === 'id' || key === 'env') fields[key] = value
    else if (key === 'src' || key === 'source') fields.src = value
    else if (key !== 'type') throw refuse('a key is none of id, src, env and type')
    else if (value === 'file' || value === 'env') fields.type = value
    else throw refuse('type is neither file nor env')
  }
  const { id = '', type, src = '', env = '' } = fields
  if (id === '') throw new CooperageError('E_SECRET_ID', 'a --secret has no id', { hint: FORM })
  if (src !== '' && env !== '') throw refuse(`${JSON.stringify(id)} has both a file and a variable`)
  if (env !== '') return { id, from: 'env', name: env }
  if (type === 'env') return { id, from: 'env', name: src || id }
  return src === ''
    ? { id, from: type === 'file' ? 'file' : 'either', name: id }
    : { id, from: 'file', name: src }
}

function fieldsOf(text: string): string[] {
  try {
    return csvFields(text)
  } catch (error) {
    if (error instanceof CsvError) throw refuse('it is empty, or its quotes do not match')
    throw error
  }
}

function refuse(why: string): CooperageError {
  return new CooperageError('E_SECRET_SPEC', `cannot read a --secret: ${why}`, { hint: FORM })
}
