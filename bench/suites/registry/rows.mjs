/** @typedef {import('../../lib/suite.mjs').Row & { way: 'pull' | 'push' }} RegistryRow */

/** @type {RegistryRow[]} */
export const rows = [
  { name: '500 MB in 8 layers, pull, cold', group: 'pull', way: 'pull', bar: 1 },
  { name: '500 MB in 8 layers, push, cold', group: 'push', way: 'push', bar: 1 },
]
