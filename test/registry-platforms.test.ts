import { beforeAll, describe, expect, it } from 'vitest'
import { type DistributionRegistry, distributionRegistry } from './distribution-registry.js'
import { hasTool } from './rival-tools.js'
import { type Seeded, seedRegistry } from './seed-registry.js'
import { workspace } from './workspace.js'

const space = workspace('platforms')
const isReady = hasTool('docker-registry') && hasTool('skopeo')

describe.skipIf(!isReady)('an image of one platform', () => {
  let registry: DistributionRegistry
  let seeded: Seeded
  beforeAll(async () => {
    registry = await distributionRegistry()
    seeded = await seedRegistry(`${registry.host}/team/base:1`, ['--dest-tls-verify=false'])
  })

  it('is refused by pull and copy when another is asked for, and by neither when none is', async () => {
    const home = space.folder('home', {})
    const run = (args: readonly string[]) => space.run(args, { env: { HOME: home } })
    const name = `${registry.host}/team/base@${seeded.arm64.digest}`
    const layout = `oci:${home}/kept:one`
    expect((await run(['copy', '-q', `docker://${name}`, layout])).code).toBe(0)
    for (const from of [`docker://${name}`, layout]) {
      for (const to of [`docker://${registry.host}/none:1`, 'store:none']) {
        const refused = await run(['copy', '--platform', 'linux/s390x', from, to])
        expect(refused.code, `${from} ${to}`).toBe(1)
        expect(refused.stderr).toMatch(/E_PLATFORM.*linux\/s390x.*linux\/arm64/)
      }
    }
    const pulled = await run(['pull', '--platform', 'linux/s390x', name])
    expect([pulled.code, pulled.stderr]).toEqual([1, expect.stringContaining('E_PLATFORM')])
    expect((await run(['pull', name])).code).toBe(0)
    const own = await run(['copy', '--platform', 'linux/arm64', layout, 'store:own'])
    expect(own.stdout).toBe(`${seeded.arm64.digest}\n`)
  })
})
