// npm run lockfile: after npm install, gives every optional package its entry in package-lock.json.
//
// npm leaves out an optional package that its registry does not offer (a mirror often lacks those of other platforms),
// and then refuses its own lock file in `npm ci`. The version is known, as the package that asks names it exactly;
// the platform is in the name. The integrity is not known, so such an entry has none until a fuller registry is asked.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './steps.mjs'

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']

const path = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const added = []
for (const [asker, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (`node_modules/${name}` in lock.packages || `${asker}/node_modules/${name}` in lock.packages) continue
    lock.packages[`node_modules/${name}`] = entry(name, version, dev)
    added.push(name)
  }
}

if (added.length > 0) {
  const order = (a, b) => a[0].localeCompare(b[0], 'en')
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(order))
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
}
console.log(added.length === 0 ? 'the lock file is complete' : `added ${added.length}: ${added.join(', ')}`)

function entry(name, version, dev) {
  const words = name.split(/[/-]/)
  const os = systems.filter((system) => words.includes(system))
  const cpu = processors.filter((processor) => words.includes(processor))
  if (!/^\d+\.\d+\.\d+$/.test(version) || os.length !== 1 || cpu.length !== 1) {
    throw new Error(
      `${name}@${version}: add its entry by hand, as its name does not tell version and platform`,
    )
  }
  const libc =
    os[0] !== 'linux' ? {} : { libc: [words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'] }
  return { version, cpu, ...(dev ? { dev } : {}), ...libc, optional: true, os }
}
