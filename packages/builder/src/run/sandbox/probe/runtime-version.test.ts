import { expect, it } from 'vitest'
import { advisoriesFor } from './runtime-version.js'

it.each([
  ['runc', '1.1.5+ds1', 6],
  ['runc', '1.1.12', 5],
  ['runc', '1.1.15', 4],
  ['runc', '1.2.8', 1],
  ['runc', '1.3.2', 4],
  ['runc', '1.3.6', 0],
  ['runc', '1.4.2', 1],
  ['runc', '1.4.3', 0],
  ['runc', '1.6.0-rc1', 0],
  ['runc', '2.0.0', 0],
  ['crun', '1.8.1', 1],
  ['crun', '1.28', 0],
  ['crun', '1.30.1', 0],
] as const)('%s %s may have %i known flaws', (name, version, count) => {
  expect(advisoriesFor({ name, version })).toHaveLength(count)
})
