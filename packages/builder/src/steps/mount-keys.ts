import { suggestion } from '../instructions/suggest.js'
import type { RunMount } from '../plan/plan.js'
import { parseGoBool, parseRamSize, parseUint32 } from './mount-values.js'

/** A mount while its fields are read. */
export type MountDraft = Omit<RunMount, 'from' | 'readOnly'> & {
  /** Stage, image or named context, as written. */
  readonly from?: string
  /** Absent until a field says so: the default depends on the type. */
  readonly readOnly?: boolean
}

/** The fields to change, or the message of an error. */
export type MountChange = Partial<MountDraft> | string

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const
const SHARING = ['shared', 'private', 'locked'] as const
const KEYS =
  'type from source target readonly id sharing required size mode uid gid src dst destination ro rw readwrite env'.split(
    ' ',
  )

/** A field without a value: `ro`, `rw`, `required`. */
export function setMountFlag(draft: MountDraft, key: string, field: string): MountChange {
  if (key === 'readonly' || key === 'ro') return { readOnly: true }
  if (key === 'readwrite' || key === 'rw') return { readOnly: false }
  if (key === 'required') return mayBeRequired(draft, key) ?? { required: true }
  return `invalid field '${field}' must be a key=value pair`
}

/** A field `key=value`; the type must come before the keys that only some types have. */
export function setMountKey(
  draft: MountDraft,
  { key, value, field }: { key: string; value: string; field: string },
): MountChange {
  switch (key) {
    case 'type': {
      const type = TYPES.find((name) => name === value.toLowerCase())
      return type ? { type } : `unsupported mount type "${value}"${suggestion(value, TYPES)}`
    }
    case 'from':
      return value === '' ? {} : { from: value }
    case 'source':
    case 'src':
      return { source: value }
    case 'target':
    case 'dst':
    case 'destination':
      return { target: value }
    case 'id':
      return { id: value }
    case 'env':
      return { env: value }
    case 'readonly':
    case 'ro':
    case 'readwrite':
    case 'rw': {
      const on = parseGoBool(value)
      if (on === undefined) return `invalid value for ${key}: ${value}`
      return { readOnly: key.startsWith('reado') || key === 'ro' ? on : !on }
    }
    case 'required': {
      const required = parseGoBool(value)
      const refused = mayBeRequired(draft, key)
      if (refused !== undefined) return refused
      return required === undefined ? `invalid value for ${key}: ${value}` : { required }
    }
    case 'size': {
      if (draft.type !== 'tmpfs') return `unexpected key '${key}' for mount type '${draft.type}'`
      const size = parseRamSize(value)
      return size === undefined ? `invalid value for ${key}: ${value}` : { size }
    }
    case 'sharing': {
      const sharing = SHARING.find((name) => name === value.toLowerCase())
      return sharing ? { sharing } : `unsupported sharing value "${value}"${suggestion(value, SHARING)}`
    }
    case 'mode':
    case 'uid':
    case 'gid': {
      const number = parseUint32(value, key === 'mode' ? 8 : 10)
      if (number === undefined) return `invalid value ${value} for ${key}`
      // A mode is one of Go, whose special bits have other places: those of chmod(2) say nothing.
      return { [key]: key === 'mode' ? number & 0o777 : number }
    }
    default:
      return `unexpected key '${key}' in '${field}'${suggestion(key, KEYS)}`
  }
}

function mayBeRequired({ type }: MountDraft, key: string): string | undefined {
  return type === 'secret' || type === 'ssh' ? undefined : `unexpected key '${key}' for mount type '${type}'`
}
