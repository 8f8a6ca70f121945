import { expect, test } from 'vitest'
import { formatPlatform, parsePlatform } from './platform.js'

const host = { os: 'linux', architecture: 'amd64' }

test.each([
  ['linux/arm64', 'linux/arm64'],
  ['arm64', 'linux/arm64'],
  ['linux', 'linux/amd64'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/aarch64/v8', 'linux/arm64'],
  ['linux/x86_64', 'linux/amd64'],
  ['linux/amd64/v2', 'linux/amd64/v2'],
  ['macos/arm64', 'darwin/arm64'],
  ['windows(10.0.17763)/amd64', 'windows(10.0.17763)/amd64'],
])('%s is the platform %s', (text, platform) => {
  const parsed = parsePlatform(text, host)
  expect(typeof parsed === 'string' ? parsed : formatPlatform(parsed)).toBe(platform)
})

test('a text that names no platform is refused in the words of containerd', () => {
  expect(parsePlatform('a/b/c/d', host)).toBe('"a/b/c/d": cannot parse platform specifier: invalid argument')
  expect(parsePlatform('bogus', host)).toBe(
    '"bogus": unknown operating system or architecture: invalid argument',
  )
})
