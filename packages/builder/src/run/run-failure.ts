import { CooperageError } from '@cooperage/store'
import type { RunOperation } from '../plan/plan.js'
import type { ContainerExit } from './sandbox/container.js'
import type { FileAccess } from './sandbox/file-access.js'
import { readSubordinateFiles } from './sandbox/id-maps.js'
import { freeIds } from './sandbox/probe/free-ids.js'

/** The error of a process that did not end well. */
export function runFailure(
  operation: RunOperation,
  exit: ContainerExit,
  about: { readonly output: readonly string[]; readonly files: FileAccess },
): CooperageError {
  const { output, files } = about
  const { exitCode, signal, outOfMemory } = exit
  const how = outOfMemory
    ? 'it ran out of memory'
    : signal !== undefined
      ? `it was ended by ${signal}`
      : `exit code ${exitCode}`
  const hint = outOfMemory
    ? 'raise --resource memory=…, or let the step use less'
    : (hintFor(exitCode, operation) ?? (files.owners === 'one' ? oneId() : undefined))
  return new CooperageError('E_RUN', `the step failed: ${operation.text}: ${how}`, {
    location: operation.location,
    ...(hint !== undefined && { hint }),
    data: { exitCode, ...(signal !== undefined && { signal }), outOfMemory, output: [...output] },
  })
}

function oneId(): string {
  const free = freeIds(readSubordinateFiles())
  return `if it wanted another user or owner: there is one id here, and others need lines in /etc/subuid and /etc/subgid (usermod --add-subuids ${free} --add-subgids ${free} USER); apt-get does with one when told -o APT::Sandbox::User=root`
}

/** Exit codes to which a shell gives a meaning (POSIX, "Exit Status for Commands"). */
function hintFor(exitCode: number, { args }: RunOperation): string | undefined {
  if (exitCode === 127)
    return `${args[0]} did not find a program; install it in an earlier step, or check PATH`
  if (exitCode > 128 && exitCode < 128 + 65) {
    return `${args[0]} says that signal ${exitCode - 128} ended a program`
  }
  if (exitCode === 126)
    return 'a file that is no program was to be run: check its mode, its first line and its architecture'
  return undefined
}
