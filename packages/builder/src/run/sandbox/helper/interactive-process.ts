import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { PassThrough } from 'node:stream'
import { TOOL_PATH } from '../host-tools.js'
import { BOOTSTRAP, initProgram } from '../init/init-program.js'
import { encodeProgram } from '../init/operation.js'
import type { KnownArch } from '../seccomp/syscall-numbers.js'
import type { InitProcess } from './init-process.js'

/** A process for a container that has the terminal of this one. @throws what keeps perl from being run */
export async function interactiveProcess(perl: string, arch: KnownArch): Promise<InitProcess> {
  const child = spawn(perl, ['-f', '-e', BOOTSTRAP, 'cooper-run'], {
    cwd: '/',
    env: { PATH: TOOL_PATH },
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  })
  const gone = new Promise<undefined>((resolve) => child.once('exit', () => resolve(undefined)))
  await once(child, 'spawn')
  const control = child.stdio[3] as Duplex
  control.write(encodeProgram(initProgram(arch, { mode: 'once', builder: process.pid })))
  return { pid: child.pid!, requests: control, messages: control, gone, words: new PassThrough().end() }
}
