import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandTool, rivalCommand, type Tool } from './rival-tools.js'

export interface RivalDaemon extends AsyncDisposable {
  /** The docker command, speaking to this daemon. SOURCE_DATE_EPOCH of builds is `epoch`. */
  docker(epoch?: number): Tool
}

/**
 * A Docker of its own that keeps images as containerd does: only there BuildKit writes OCI archives and builds for
 * several platforms. It lives in the tree of the rival Docker; undefined (and a printed line) where that is missing.
 */
export async function rivalDaemon(): Promise<RivalDaemon | undefined> {
  const command = rivalCommand()
  if (command === undefined) return undefined
  const [tool, run = '', directory = ''] = command
  const inside = `/bench/test-${process.pid}`
  const home = join(directory, inside)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'daemon.json'), JSON.stringify({ features: { 'containerd-snapshotter': true } }))
  const host = `unix://${inside}/docker.sock`
  const log = openSync(join(home, 'log'), 'w')
  const daemon = spawn(
    tool,
    [
      ...[run, directory, 'dockerd', '--host', host, '--pidfile', `${inside}/docker.pid`],
      ...['--config-file', `${inside}/daemon.json`, '--data-root', `${inside}/data`],
      ...['--exec-root', `${inside}/exec`, '--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', log, log] },
  )
  const docker = (epoch?: number) => {
    const time = epoch === undefined ? [] : [`SOURCE_DATE_EPOCH=${epoch}`]
    return commandTool([tool, run, directory, 'env', `DOCKER_HOST=${host}`, ...time, 'docker'])
  }
  const end = async () => {
    await stop(daemon)
    rmSync(home, { recursive: true, force: true })
  }
  try {
    await answers(docker())
  } catch (error) {
    await end()
    throw error
  }
  return { docker, [Symbol.asyncDispose]: end }
}

async function answers(docker: Tool): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      docker(['info'])
      return
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(200)
    }
  }
}

async function stop(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return
  const exit = once(daemon, 'exit')
  daemon.kill('SIGTERM')
  await exit
}
