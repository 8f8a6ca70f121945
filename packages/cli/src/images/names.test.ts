import { expect, test } from 'vitest'
import { splitName } from './familiar-name.js'

test.each([
  ['app:1', 'app', '1'],
  ['localhost:5000/app', 'localhost:5000/app', ''],
  ['localhost:5000/a/b:1', 'localhost:5000/a/b', '1'],
  [`app:1@sha256:${'0'.repeat(64)}`, 'app', '1'],
])('%s is %s and %j', (name, repository, tag) => {
  expect(splitName(name)).toEqual({ repository, tag })
})
