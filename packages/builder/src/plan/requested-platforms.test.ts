import { defaultPlatform } from '@cooperage/store'
import { expect, it } from 'vitest'
import { requestedPlatforms } from './requested-platforms.js'

const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm64' }

it.each([
  [{}, [undefined], false],
  [{ platform: 'linux/amd64' }, [amd64], false],
  [{ platforms: ['linux/amd64'] }, [amd64], false],
  [{ platforms: ['linux/amd64', 'arm64/v8'] }, [amd64, undefined], undefined],
  [{ platforms: ['linux/amd64', 'linux/arm64/v8'] }, [amd64, arm64], true],
  [{ platform: 'linux/amd64', buildArgs: { BUILDKIT_MULTI_PLATFORM: '1' } }, [amd64], true],
  [{ platforms: ['Local'] }, [defaultPlatform()], false],
  [{ buildArgs: { BUILDKIT_MULTI_PLATFORM: 'true' } }, [undefined], true],
  [{ buildArgs: { BUILDKIT_MULTI_PLATFORM: '' } }, [undefined], false],
  [{ buildArgs: { BUILDKIT_MULTI_PLATFORM: '0' } }, [undefined], false],
] as const)('%j', (options, list, isMulti) => {
  if (isMulti === undefined) {
    expect(() => requestedPlatforms(options)).toThrow(expect.objectContaining({ code: 'E_PLATFORM' }))
  } else expect(requestedPlatforms(options)).toEqual({ list, isMulti, warnings: [] })
})

it('a platform that is named twice is told', () => {
  const { list, warnings } = requestedPlatforms({ platforms: ['linux/arm64', 'linux/arm64/v8'] })
  expect(list).toEqual([arm64, arm64])
  expect(warnings).toEqual([
    { rule: 'DuplicatePlatform', message: 'Duplicate platform result requested "linux/arm64/v8"' },
  ])
})

it.each([
  [{ buildArgs: { BUILDKIT_MULTI_PLATFORM: 'x' } }, 'invalid boolean value for multi-platform: x'],
  [
    { platforms: ['linux/amd64', 'linux/arm64'], buildArgs: { BUILDKIT_MULTI_PLATFORM: '0' } },
    'conflicting config: returning multiple target platforms is not allowed',
  ],
  [{ platform: 'linux/amd64', platforms: ['linux/arm64'] }, 'both platform and platforms are given'],
])('%j is refused', (options, message) => {
  expect(() => requestedPlatforms(options)).toThrow(expect.objectContaining({ code: 'E_PLATFORM', message }))
})
