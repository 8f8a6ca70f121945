import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { hasErrno } from '@cooperage/store'
import type { InitProcess } from './init-process.js'

/**
 * The other ends of a helper's pipes. Node gives its children sockets for pipes, and a socket cannot be opened by name:
 * `> /dev/stdout` would fail in a container. So the helper makes real pipes, and they are opened here.
 * @returns undefined when the helper has ended already
 */
export function openHelperPipes(
  pid: number,
  numbers: readonly string[],
): Omit<InitProcess, 'gone'> | undefined {
  const fds: number[] = []
  try {
    for (const [index, number] of numbers.entries()) {
      const access = index === 0 ? constants.O_WRONLY : constants.O_RDONLY
      fds.push(openSync(`/proc/${pid}/fd/${number}`, access | constants.O_NONBLOCK))
    }
  } catch (error) {
    for (const fd of fds) closeSync(fd)
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return undefined
    throw error
  }
  const [requests, messages, stdout, stderr, words] = fds as [number, number, number, number, number]
  return {
    pid,
    requests: new Socket({ fd: requests, readable: false, writable: true }),
    messages: reader(messages),
    words: reader(words),
    outputs: { stdout: reader(stdout), stderr: reader(stderr) },
  }
}

function reader(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: false })
}
