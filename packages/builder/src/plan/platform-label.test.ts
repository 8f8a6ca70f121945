import { expect, it } from 'vitest'
import { platformLabel } from './platform-label.js'

const amd64 = { os: 'linux', architecture: 'amd64' }
const label = (variables: Record<string, string>, platform = amd64) =>
  platformLabel(platform, new Map(Object.entries(variables)))

it.each([
  [{}, 'linux/amd64'],
  [{ TARGETPLATFORM: 'linux/amd64' }, 'linux/amd64'],
  [{ TARGETPLATFORM: 'linux/arm64' }, 'linux/amd64->arm64'],
  [{ TARGETPLATFORM: 'linux/arm/v7' }, 'linux/amd64->arm/v7'],
  [{ TARGETPLATFORM: 'windows/amd64' }, 'linux/amd64->windows/amd64'],
  [{ TARGETARCH: 'arm', TARGETVARIANT: 'v6' }, 'linux/amd64->arm/v6'],
  [{ TARGETOS: 'darwin' }, 'linux/amd64->darwin/amd64'],
  [{ TARGETPLATFORM: 'nonsense', TARGETARCH: 's390x' }, 'linux/amd64->s390x'],
])('with %j in scope a step is of %s', (variables, expected) => {
  expect(label(variables)).toBe(expected)
})

it('a variant belongs to the name', () => {
  expect(label({}, { os: 'linux', architecture: 'arm', variant: 'v7' } as typeof amd64)).toBe('linux/arm/v7')
})
