import { describe, expect, it } from 'vitest'
import { evaluateFilter } from '../../../../../../test/seccomp-filter.js'
import { compileFilter } from './compile-filter.js'
import { ociSeccomp } from './oci-seccomp.js'
import { defaultPolicy } from './policy.js'
import { stepFilter } from './step-filter.js'
import { syscallNumbers } from './syscall-numbers.js'

const ALLOW = 0x7fff0000
const EPERM = 0x00050001
const ENOSYS = 0x00050026
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7, ia32: 0x40000003 } as const

describe.each([
  ['x64', 'x64'],
  ['arm64', 'arm64'],
  ['x64', 'ia32'],
] as const)('the filter for %s, asked by a program for %s,', (arch, table) => {
  const filter = compileFilter(defaultPolicy(arch), arch)
  const numbers = syscallNumbers(table)
  const policy = defaultPolicy(arch)
  const answer = (name: string, ...args: bigint[]) =>
    evaluateFilter(filter, { number: numbers.get(name)!, arch: AUDIT[table], args })

  it('decides for every call as the policy says', () => {
    const conditional = new Set(policy.conditional.map(({ name }) => name))
    for (const name of numbers.keys()) {
      if (conditional.has(name)) continue
      const expected = policy.absent.includes(name) ? ENOSYS : policy.allowed.includes(name) ? ALLOW : EPERM
      expect(answer(name), name).toBe(expected)
    }
  })

  it('refuses what only root of a machine may do', () => {
    for (const name of 'mount umount2 unshare setns bpf keyctl add_key userfaultfd io_uring_setup perf_event_open init_module kexec_load open_by_handle_at move_mount pivot_root'.split(
      ' ',
    )) {
      expect(answer(name), name).toBe(EPERM)
    }
    expect(answer('clone3')).toBe(ENOSYS)
  })

  it('looks at arguments where the policy does', () => {
    expect(answer('clone', 0x01200011n)).toBe(ALLOW)
    for (const flag of [
      0x10000000n,
      0x00020000n,
      0x02000000n,
      0x04000000n,
      0x08000000n,
      0x20000000n,
      0x40000000n,
    ]) {
      expect(answer('clone', 17n | flag)).toBe(EPERM)
    }
    expect([1n, 2n, 10n, 16n].map((family) => answer('socket', family))).toEqual([ALLOW, ALLOW, ALLOW, ALLOW])
    expect([38n, 40n, 100n, 1n << 32n].map((family) => answer('socket', family))).toEqual([
      EPERM,
      EPERM,
      EPERM,
      EPERM,
    ])
    expect([0n, 8n, 0xffffffffn].map((persona) => answer('personality', persona))).toEqual([
      ALLOW,
      ALLOW,
      ALLOW,
    ])
    expect(answer('personality', 0x0400000n)).toBe(EPERM)
  })

  it('answers to calls of another processor, and to those it does not know, as if there were none', () => {
    const unknown = Math.max(...numbers.values()) + 1
    expect(evaluateFilter(filter, { number: unknown, arch: AUDIT[table], args: [] })).toBe(ENOSYS)
    expect(evaluateFilter(filter, { number: -1, arch: AUDIT[table], args: [] })).toBe(ENOSYS)
    expect(evaluateFilter(filter, { number: 1 | 0x40000000, arch: AUDIT[table], args: [] })).toBe(ENOSYS)
    expect(evaluateFilter(filter, { number: 1, arch: 0x40000028, args: [] })).toBe(ENOSYS)
  })

  it('keeps a step with a terminal from typing into it', () => {
    const number = numbers.get('ioctl')!
    const ask = (request: bigint, interactive: boolean) =>
      evaluateFilter(stepFilter(arch, { interactive }), { number, arch: AUDIT[table], args: [0n, request] })
    expect([ask(0x5412n, true), ask(0x5401n, true), ask(0x5412n, false)]).toEqual([EPERM, ALLOW, ALLOW])
  })

  it('is within what the kernel takes', () => {
    expect(filter.length / 8).toBeLessThan(4096)
  })
})

describe('what an OCI runtime is told', () => {
  it('names each call once for each condition', () => {
    const { syscalls, architectures, defaultErrnoRet } = ociSeccomp(defaultPolicy('x64'), 'x64')
    expect([architectures[0], defaultErrnoRet]).toEqual(['SCMP_ARCH_X86_64', 1])
    expect(syscalls.find(({ names }) => names.includes('clone'))).toEqual({
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0x7e020000, valueTwo: 0 }],
    })
    expect(syscalls.at(-1)).toEqual({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 })
  })
})
