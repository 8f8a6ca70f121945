// Runs one container in a process of its own, for tests that trace it, kill it, or start it in an odd way.
// Arguments: the executor's name, a directory, a busybox, a command for its shell.
import { dirname } from 'node:path'
import { probeExecutors } from '../packages/builder/dist/index.js'
import { ExecutorBench } from '../packages/builder/dist/testing/index.js'

const [name, directory, busybox, script] = process.argv.slice(2)
const { executor, failures } = (await probeExecutors({ directory })).find((one) => one.name === name)
if (executor === undefined) {
  process.stdout.write(`${JSON.stringify({ failures })}\n`)
} else {
  const bench = await ExecutorBench.open({ executor, directory, busybox })
  try {
    const rootfs = await bench.rootfs(process.env.HOSTILE ? hostile : undefined)
    process.stdout.write(`${JSON.stringify({ image: rootfs.lowers?.[0] ?? rootfs.path })}\n`)
    process.stdout.write(
      `${JSON.stringify(await bench.run(script, { rootfs, interactive: process.env.INTERACTIVE !== undefined }))}\n`,
    )
  } finally {
    await bench[Symbol.asyncDispose]()
  }
}

/** Everything that a program of the machine might pick up by mistake, were it to look here. */
async function hostile(image) {
  const { chmod, copyFile, mkdir, symlink, writeFile } = await import('node:fs/promises')
  const file = async (path, content) => {
    await mkdir(dirname(`${image}/${path}`), { recursive: true })
    await writeFile(`${image}/${path}`, content)
  }
  await file('etc/ld.so.preload', '/lib/evil.so\n')
  await file('etc/ld.so.cache', 'evil')
  await file('etc/nsswitch.conf', 'passwd: evil\n')
  await file('lib/evil.so', 'evil')
  await file('lib/x86_64-linux-gnu/libc.so.6', 'evil')
  await mkdir(`${image}/usr/bin`, { recursive: true })
  for (const name of ['perl', 'tar', 'runc', 'mount', 'xz', 'newuidmap']) {
    await copyFile(`${image}/bin/busybox`, `${image}/usr/bin/${name}`)
    await chmod(`${image}/usr/bin/${name}`, 0o755)
  }
  await symlink('/proc/self/exe', `${image}/usr/bin/env`)
}
