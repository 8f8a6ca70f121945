import { expect, test } from 'vitest'
import { parseDockerfile } from '../parse-dockerfile.js'
import { unusedBuildArgs } from './unused-build-args.js'

const unused = (text: string, ...names: string[]) =>
  unusedBuildArgs(parseDockerfile(text), Object.fromEntries(names.map((name) => [name, ''])))

test('what no ARG declares is unused', () => {
  expect(unused('ARG A\nFROM scratch\nARG B\n', 'C', 'A', 'B', 'D')).toEqual(['C', 'D'])
})

test('proxies and what steers the build need no ARG', () => {
  const names = ['HTTP_PROXY', 'https_proxy', 'no_proxy', 'ALL_PROXY', 'BUILDKIT_X', 'SOURCE_DATE_EPOCH']
  expect(unused('FROM scratch\n', ...names, 'MY_PROXY')).toEqual(['MY_PROXY'])
})

test('a trigger may declare anything', () => {
  expect(unused('FROM scratch\nONBUILD ARG A\n', 'A')).toEqual([])
})
