import { constants } from 'node:os'
import { CooperageError } from '@cooperage/store'

/** `ENOENT` for 2; the number itself for one that Node has no name for. */
export function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? String(errno)
}

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: [
    'there is no such file in the image, or the interpreter it names is missing',
    'a RUN in shell form needs /bin/sh, or what SHELL names; an image from scratch has neither',
  ],
  ENOEXEC: [
    'exec format error: it is built for another processor, or is a script without a first line of #!',
    'build with --platform of the base image, or choose a base image for this machine',
  ],
  EACCES: ['permission denied', 'the file needs its x bits, and the user of the step a way to it'],
  ETXTBSY: ['text file busy: somebody has it open for writing', 'let the step before it close the file'],
  E2BIG: ['its arguments and environment are too long', 'put long lists into a file of the context'],
  EISDIR: ['it is a directory', 'name a program'],
  ELOOP: ['its symbolic links go round in circles', 'repair the links in the image'],
}

/** E_RUN_START: a program of the container could not be executed. */
export function startFailure(program: string, code: string): CooperageError {
  const [reason, hint] = REASONS[code] ?? [`the kernel refuses: ${code}`, undefined]
  return new CooperageError('E_RUN_START', `cannot run ${JSON.stringify(program)}: ${reason}`, {
    data: { program, errno: code },
    ...(hint === undefined ? {} : { hint }),
  })
}
