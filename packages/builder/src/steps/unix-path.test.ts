import { expect, test } from 'vitest'
import { absolutePath, cleanPath, destinationPath } from './unix-path.js'

test.each([
  ['/w', 'a', '/w/a'],
  ['/w', 'a/', '/w/a/'],
  ['/w', '', '/w/'],
  ['/w', '.', '/w/'],
  ['/w', './', '/w/'],
  ['/w', 'a/.', '/w/a/.'],
  ['/w', '..', '/'],
  ['/w', '/', '/'],
  ['/w', '/.', '/.'],
  ['/w', '/x//y/../z/', '/x/z/'],
  ['/', 'a', '/a'],
])('in %s the destination "%s" is %s', (workdir, written, path) => {
  expect(destinationPath(workdir, written)).toBe(path)
})

test('paths are joined and cleaned and never leave the root', () => {
  expect(absolutePath('/a/b', '../../../c')).toBe('/c')
  expect(absolutePath('/a', '/b/./c/')).toBe('/b/c')
  expect(cleanPath('/a/../b//c/')).toBe('/b/c')
})
