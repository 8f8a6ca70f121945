import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const isRoot = process.getuid?.() === 0

/** The beginning of a command line whose rest runs as somebody; undefined (and a printed line) where that cannot be. */
export type As = readonly string[] | undefined

/** An ordinary user with subordinate ids, made for these tests; `remove` it. */
export function userWithIds(): { readonly as: As; remove(): void } {
  const nobody = { as: undefined, remove: () => {} }
  if (!isRoot) return nobody
  const name = `cooper-test-${process.pid}`
  try {
    execFileSync('useradd', ['--no-create-home', '--home-dir', '/nonexistent', name], { stdio: 'pipe' })
  } catch (error) {
    console.log(`skipped: no user can be added (${String(error)})`)
    return nobody
  }
  const remove = (): void => void execFileSync('userdel', [name], { stdio: 'pipe' })
  if (!readFileSync('/etc/subuid', 'utf8').includes(`${name}:`)) {
    const first = 100_000 + process.pid * 65_536
    const range = `${first}-${first + 65_535}`
    execFileSync('usermod', ['--add-subuids', range, '--add-subgids', range, name], { stdio: 'pipe' })
  }
  return { as: readable(['setpriv', `--reuid=${name}`, `--regid=${name}`, ...UNPRIVILEGED]), remove }
}

/** Whoever has neither a name nor subordinate ids. */
export function userWithoutIds(): As {
  return isRoot ? readable(['setpriv', '--reuid=54321', '--regid=54321', ...UNPRIVILEGED]) : undefined
}

const UNPRIVILEGED = ['--clear-groups', '--inh-caps=-all', '--']

/** A checkout in a folder of root's cannot be used by others. */
function readable(as: readonly string[]): As {
  const [command = '', ...args] = as
  try {
    execFileSync(command, [
      ...args,
      process.execPath,
      '-e',
      `require('fs').readdirSync(${JSON.stringify(process.cwd())})`,
    ])
    return as
  } catch {
    console.log(`skipped: ${as[1]} cannot read ${process.cwd()}`)
    return undefined
  }
}

/** Debian's busybox-static. */
export function staticBusybox(): string | undefined {
  const found = ['/bin/busybox', '/usr/bin/busybox'].find(
    // PT_INTERP names the loader of what is not static.
    (path) => existsSync(path) && !readFileSync(path).subarray(0, 4096).includes('/ld-'),
  )
  if (found === undefined) console.log('skipped: no statically linked busybox')
  return found
}
