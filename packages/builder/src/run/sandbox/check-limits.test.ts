import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { cgroupName, hierarchies, makeCgroups } from './cgroups.js'
import { checkLimits } from './check-limits.js'
import { checkUlimits } from './check-ulimits.js'

const PLAIN = { ulimits: [], shmSize: 0 }
const HOW = { ownUsers: true, byRuntime: true }
const [, soft = '', hard = ''] =
  /^Max open files\s+(\d+)\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
const openFiles = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'))
const files = (soft: number, hard = soft) => [{ name: 'nofile', soft, hard }]

describe('limits of CPU time', () => {
  test.each([
    [{ cpuQuota: 1 }, 'cpu-quota', /from 1000 to/],
    [{ cpuPeriod: 1_000_001 }, 'cpu-period', /from 1000 to 1000000/],
    [{ cpuShares: 1 }, 'cpu-shares', /from 2 to 262144/],
  ])('that the kernel does not take are refused: %j', (limit, name, hint) => {
    let error: unknown
    try {
      checkLimits({ ...PLAIN, ...limit }, HOW)
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({
      code: 'E_SANDBOX',
      data: { name },
      hint: expect.stringMatching(hint) as string,
    })
  })

  it.skipIf(process.getuid?.() !== 0 || hierarchies().length === 0)(
    'that it refuses all the same are named, and leave no group',
    () => {
      const name = cgroupName()
      expect(() => makeCgroups(name, { ...PLAIN, cpuQuota: 1 })).toThrow(
        /cannot limit the container's cpu to 1\b.*EINVAL/,
      )
      // It could not be made again.
      makeCgroups(name, { ...PLAIN, cpuShares: 1024 }).remove()
    },
  )
})

describe('limits of setrlimit(2)', () => {
  const refused = (ulimits: ReturnType<typeof files>, mayRaise: boolean) =>
    expect(() => checkUlimits(ulimits, { mayRaise }))

  it('may be anything up to the hard one of this process', () => {
    checkUlimits(files(Number(soft), Number(hard)), { mayRaise: false })
    checkUlimits([{ name: 'core', soft: 0, hard: 0 }], { mayRaise: false })
  })

  it('are above it for those who may raise it, and open files only as far as the kernel has them', () => {
    if (Number(hard) < openFiles) {
      checkUlimits(files(openFiles), { mayRaise: true })
      refused(files(openFiles), false).toThrow(
        `--ulimit nofile=${openFiles} cannot be had: the hard limit here is ${hard}, and only root`,
      )
    }
    refused(files(openFiles + 1), true).toThrow(`the kernel allows ${openFiles} (/proc/sys/fs/nr_open)`)
    refused(files(1, -1), true).toThrow('--ulimit nofile=1:-1 cannot be had: the kernel allows')
  })

  it('have a soft one that is not above the hard one', () => {
    refused(files(2, 1), true).toThrow('the soft limit is above the hard one')
  })
})
