import type { FlagSpec } from './spec.js'

/** Flags that every command has, before or after its name. */
export const SHARED_FLAGS: readonly FlagSpec[] = [
  {
    name: 'store',
    kind: 'text',
    value: 'DIR',
    complete: 'directory',
    summary: 'Keep images and layers in this folder (also: COOPERAGE_STORE)',
  },
  {
    name: 'config',
    kind: 'text',
    value: 'FILE',
    complete: 'file',
    summary: 'Read this configuration (also: COOPERAGE_CONFIG)',
  },
  { name: 'debug', short: 'D', kind: 'boolean', summary: 'Show stack traces of errors' },
  { name: 'help', short: 'h', kind: 'boolean', summary: 'Show this help' },
]
