import { expect, test } from 'vitest'
import { parseImageName } from './image-name.js'

test('a name is completed, or what is wrong with it is told', () => {
  expect(parseImageName('alpine')).toEqual({ reference: 'docker.io/library/alpine:latest' })
  expect(parseImageName('host:5000/a/b:1')).toEqual({ reference: 'host:5000/a/b:1' })
  expect(parseImageName('a:b:c')).toEqual({ error: 'invalid reference format' })
})
