import { spawnSync } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chooseExecutor, probeExecutors } from '@cooperage/builder'
import { openStore } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { hierarchies } from '../packages/builder/src/run/sandbox/cgroups.js'
import { cooper } from './cooper.js'
import { userWithoutIds } from './executor-users.js'
import { canMount } from './rival-tools.js'
import { sharedPath } from './shared.js'
import { storeDirectory } from './store-directory.js'
import { workspace } from './workspace.js'

const space = workspace('executor-choice')
const isRoot = process.getuid?.() === 0
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))

interface Doctor {
  readonly host: { readonly uid: number; readonly cgroups: string }
  readonly store: { readonly path: string; readonly fileSystem?: string; readonly error?: string }
  readonly executors: readonly {
    readonly name: string
    readonly works: boolean
    readonly isChosen: boolean
    readonly lacks: readonly string[]
    readonly failures: readonly { readonly why: string; readonly errno?: string; readonly remedy: string }[]
  }[]
}

describe('an executor', () => {
  it('is the one that a full examination would choose', async (context) => {
    const reports = await probeExecutors({ directory: space.root })
    const chosen = reports.find(({ isChosen }) => isChosen)?.executor
    if (chosen === undefined) return context.skip('nothing works here')
    const executor = await chooseExecutor({ directory: space.root })
    expect([executor.name, executor.description]).toEqual([chosen.name, chosen.description])
    for (const { name, executor } of reports) {
      if (executor === undefined) continue
      expect((await chooseExecutor({ directory: space.root, isolation: name })).description).toBe(
        executor.description,
      )
    }
  })

  it('is known from before, without a try, until something that it depends on is another', async (context) => {
    await using store = await openStore({ path: await storeDirectory() })
    const { records } = store
    const directory = space.folder('known', {})
    const tries = async (path?: string): Promise<boolean> => {
      const before = statSync(directory, { bigint: true }).mtimeNs
      await chooseExecutor({ directory, records, ...(path !== undefined && { path }) })
      return statSync(directory, { bigint: true }).mtimeNs !== before
    }
    const works = await tries().catch(() => undefined)
    if (works === undefined) return context.skip('nothing works here')
    expect(works).toBe(true)
    expect(await tries()).toBe(false)
    // A perl of one's own is another program, though it does the same.
    const own = space.folder('own-tools', { perl: '#!/bin/sh\nexec /usr/bin/perl "$@"\n' })
    chmodSync(`${own}/perl`, 0o755)
    expect(await tries(own)).toBe(true)
    expect(await tries(own)).toBe(false)
    expect(await tries()).toBe(false)
  })

  it.skipIf(!isRoot || !canMount())('is looked for anew under whatever may keep it from working', () => {
    const module = fileURLToPath(
      new URL('../packages/builder/dist/run/sandbox/probe/host-situation.js', import.meta.url),
    )
    const script = `import(${JSON.stringify(module)}).then((all) => console.log(all.readSituation('/').stamp))`
    const stamp = (...command: string[]): string => {
      const [program = '', ...args] = [...command, process.execPath, '-e', script]
      const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
      expect([stdout.length, stderr]).toEqual([65, ''])
      return stdout
    }
    // prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER) with a filter that allows everything.
    const filtered = `my $allow = pack('SCCL', 6, 0, 0, 0x7fff0000);
      syscall(${process.arch === 'x64' ? 157 : 167}, 22, 2, pack('Sx6P', 1, $allow), 0, 0) == 0 or die $!; exec @ARGV`
    const mounted = (mount: string): string[] => ['unshare', '-m', 'sh', '-c', `${mount} && exec "$@"`, 'sh']
    const plain = stamp()
    expect(stamp()).toBe(plain)
    const others = [
      stamp('perl', '-e', filtered),
      stamp('setpriv', '--no-new-privs'),
      stamp('setpriv', '--bounding-set', '-sys_admin'),
      stamp(...mounted('mount -t tmpfs none /sys/fs/cgroup')),
      stamp(...mounted('mount -t tmpfs none /proc/sys/fs')),
    ]
    expect(new Set([plain, ...others]).size).toBe(6)
  })

  it('that is asked for by name and does not work is refused with the reason and what to do', async () => {
    const broken = space.folder('broken-tools', { perl: '#!/bin/sh\necho this is no perl >&2\nexit 1\n' })
    chmodSync(`${broken}/perl`, 0o755)
    const chosen = chooseExecutor({ directory: space.root, path: broken, isolation: 'unshare-userns' })
    await expect(chosen).rejects.toMatchObject({ code: 'E_NO_EXECUTOR', category: 'sandbox' })
    await expect(chosen).rejects.toThrow(
      /^RUN needs a sandbox, and unshare-userns cannot make one: [^\n]*this is no perl/,
    )
  })
})

describe('cooper doctor', () => {
  it('tells people what RUN uses, what that lacks, and of the store', async () => {
    const { code, stdout, stderr } = await cooper(['doctor', '--store', space.path('store')], {
      env: { HOME: space.root },
    })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^RUN (uses \S+: |cannot be served here)/)
    for (const name of ['oci-root', 'oci-userns', 'unshare-root', 'unshare-userns', 'chroot'])
      expect(stdout).toContain(name)
    expect(stdout).toMatch(new RegExp(`store: ${space.path('store')} on \\w+`))
  })

  it('tells programs the same as one object', async () => {
    const { stdout } = await cooper(['doctor', '--format', 'json', '--store', space.path('store')], {
      env: { HOME: space.root },
    })
    const { executors, host } = JSON.parse(stdout) as Doctor
    expect(host.uid).toBe(process.getuid?.())
    expect(executors.map(({ name }) => name)).toEqual([
      'unshare-root',
      'oci-root',
      'oci-userns',
      'unshare-userns',
      'chroot',
    ])
    expect(executors.filter(({ isChosen }) => isChosen).length).toBeLessThanOrEqual(1)
    for (const { works, failures } of executors) {
      expect(works || failures.length > 0).toBe(true)
      for (const { why, remedy } of failures)
        expect([why, remedy].every((text) => text.length > 5)).toBe(true)
    }
  })

  it('names limits of memory and CPU among what an ordinary user lacks', (context) => {
    const as = userWithoutIds()
    if (as === undefined || hierarchies().length === 0) return context.skip()
    const line = [
      ...as.slice(1),
      process.execPath,
      COOPER,
      'doctor',
      '--format',
      'json',
      '--store',
      '/proc/none',
    ]
    const { stdout } = spawnSync(as[0]!, line, { encoding: 'utf8', env: { PATH: process.env.PATH } })
    const working = (JSON.parse(stdout) as Doctor).executors.filter(({ works }) => works)
    for (const { lacks } of working)
      expect(lacks).toContainEqual(expect.stringMatching(/^limits of memory and CPU/))
  })

  it('examines a machine whose store cannot be used', async () => {
    const { code, stdout } = await cooper(['doctor', '--format', 'json', '--store', '/proc/none'], {
      env: { HOME: space.root },
    })
    expect(code).toBe(0)
    const { store, executors } = JSON.parse(stdout) as Doctor
    expect(store.error).toMatch(/\/proc\/none/)
    expect(executors).toHaveLength(5)
  })

  it.skipIf(!isRoot)(
    'finds the changed root with the privileges of a container of Docker, and nothing for an ordinary user in one',
    (context) => {
      const likeDocker = sharedPath('tools/like-docker-default')
      if (likeDocker === undefined) return context.skip()
      chmodSync(space.root, 0o777)
      const examine = (...options: string[]): Doctor => {
        const home = space.folder(`home${options.length}`, {})
        chmodSync(home, 0o777)
        const line = [...options, '--', process.execPath, COOPER, 'doctor', '--format', 'json']
        const { stdout } = spawnSync(likeDocker, line, {
          cwd: '/',
          encoding: 'utf8',
          env: { PATH: process.env.PATH, HOME: home },
        })
        return JSON.parse(stdout) as Doctor
      }
      const root = examine()
      expect(
        root.executors.filter(({ works }) => works).map(({ name, isChosen }) => [name, isChosen]),
      ).toEqual([['chroot', true]])
      expect(root.executors.at(-1)?.lacks[0]).toMatch(/^NOTHING IS ISOLATED/)
      const unshare = root.executors.find(({ name }) => name === 'unshare-root')!
      expect(unshare.failures).toMatchObject([
        { errno: 'EPERM', remedy: expect.stringContaining('--privileged') as string },
      ])
      const user = examine('--user', '777:777')
      expect(user.executors.filter(({ works }) => works)).toEqual([])
    },
  )
})
