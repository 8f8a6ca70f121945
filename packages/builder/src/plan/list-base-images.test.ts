import { expect, test } from 'vitest'
import { listBaseImages } from './list-base-images.js'

const buildPlatform = { os: 'linux', architecture: 'amd64' }

test('the images of needed stages are listed once, with variables replaced', () => {
  const text =
    'ARG V=3\nFROM alpine:$V AS a\nFROM unused\nFROM --platform=arm64 a/b AS c\nFROM scratch\n' +
    'COPY --from=a x /\nCOPY --from=c x /\nCOPY --from=alpine:4 x /\nCOPY --from=busybox x /\n'
  const images = listBaseImages(text, { buildPlatform, buildArgs: { V: '4' } })
  expect(
    images.map(({ reference, platform, location }) => [reference, platform.architecture, location.line]),
  ).toEqual([
    ['docker.io/library/alpine:4', 'amd64', 2],
    ['docker.io/a/b:latest', 'arm64', 4],
    ['docker.io/library/busybox:latest', 'amd64', 9],
  ])
})

test('named contexts and other targets are left out', () => {
  const namedContexts = new Map([['alpine', 'directory']] as const)
  const text = 'FROM debian AS a\nCOPY --from=alpine x /\nFROM busybox\n'
  const images = listBaseImages(text, { buildPlatform, target: 'a', namedContexts })
  expect(images.map(({ name }) => name)).toEqual(['debian'])
})
