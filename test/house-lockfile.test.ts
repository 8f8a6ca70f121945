import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }
const manifests = [
  'package.json',
  ...['store', 'builder', 'cli'].map((name) => `packages/${name}/package.json`),
]

describe('the lock file', () => {
  it('records no host, so that it installs from whichever registry a machine uses', () => {
    const elsewhere = Object.entries(lock.packages).filter(
      ([, { resolved, link }]) =>
        resolved !== undefined && !(link === true && resolved.startsWith('packages/')),
    )
    expect(elsewhere).toEqual([])
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true')
  })

  it('records the integrity of every package that is not ours', () => {
    const unproven = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path.startsWith('node_modules/') && link !== true && !integrity,
    )
    expect(unproven.map(([path]) => path)).toEqual([])
  })
})

describe('the manifests', () => {
  for (const manifest of manifests) {
    it(`${manifest} names exact versions`, () => {
      const kinds = JSON.parse(read(manifest)) as Record<string, Record<string, string>>
      const wanted = {
        ...kinds.dependencies,
        ...kinds.devDependencies,
        ...kinds.optionalDependencies,
      }
      expect(Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
    })
  }
})
