import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly optional?: boolean
  readonly os?: string[]
  readonly cpu?: string[]
  readonly libc?: string[]
  readonly optionalDependencies?: Record<string, string>
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

  it('records the integrity of every package, but of those for platforms its registry did not offer', () => {
    const unproven = Object.values(lock.packages).filter(
      ({ integrity, link, version }) => version !== undefined && link !== true && !integrity,
    )
    const ours = unproven.filter(({ name }) => name?.startsWith('@cooperage/') || name === 'cooperage')
    const elsewhere = unproven.filter(({ optional, os, cpu }) => optional === true && os && cpu)
    expect(unproven.filter((entry) => !ours.includes(entry) && !elsewhere.includes(entry))).toEqual([])
    const here = ({ os, cpu, libc }: LockedPackage) =>
      os?.includes('linux') && cpu?.includes('x64') && !libc?.includes('musl')
    expect(elsewhere.filter(here)).toEqual([])
  })

  it('has an entry for every optional package, without which npm ci refuses it (npm run lockfile adds them)', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          !(`node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages),
      ),
    )
    expect(missing).toEqual([])
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
