import { compileFilter } from './compile-filter.js'
import { defaultPolicy } from './policy.js'
import type { KnownArch } from './syscall-numbers.js'

/** asm-generic/ioctls.h: puts a byte into the input of a terminal, as if it had been typed. */
const TIOCSTI = 0x5412

const known = new Map<string, Uint8Array>()

/** The filter of a step. One with a terminal of this machine in hand could type into it, and has no call for that. */
export function stepFilter(arch: KnownArch, { interactive }: { readonly interactive: boolean }): Uint8Array {
  const key = `${arch} ${interactive}`
  const filter = known.get(key) ?? makeFilter(arch, interactive)
  known.set(key, filter)
  return filter
}

function makeFilter(arch: KnownArch, interactive: boolean): Uint8Array {
  const policy = defaultPolicy(arch)
  if (!interactive) return compileFilter(policy, arch)
  const conditional = [...policy.conditional, { name: 'ioctl', argument: 1, when: { not: TIOCSTI } }]
  return compileFilter({ ...policy, conditional }, arch)
}
