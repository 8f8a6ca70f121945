import type { ConditionalCall, SeccompPolicy } from './policy.js'

/** `linux.seccomp` of the OCI runtime specification. */
export interface OciSeccomp {
  readonly defaultAction: string
  readonly defaultErrnoRet: number
  readonly architectures: readonly string[]
  readonly syscalls: readonly OciSyscalls[]
}

interface OciSyscalls {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly {
    readonly index: number
    readonly value: number
    readonly valueTwo?: number
    readonly op: string
  }[]
}

// Programs of the processor's 32-bit sibling run as well, under the same rules.
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
}

const EPERM = 1
const ENOSYS = 38

/** The policy as an OCI runtime reads it. `arch` as Node names it; of an unknown one only its own calls are allowed. */
export function ociSeccomp(policy: SeccompPolicy, arch: string): OciSeccomp {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[arch] ?? [],
    syscalls: [
      { names: policy.allowed, action: 'SCMP_ACT_ALLOW' },
      ...policy.conditional.flatMap(conditions),
      { names: policy.absent, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ],
  }
}

/** Several entries of one name allow what any of them allows. */
function conditions({ name, argument: index, when }: ConditionalCall): OciSyscalls[] {
  const entry = (arg: { op: string; value: number; valueTwo?: number }): OciSyscalls => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index, ...arg }],
  })
  if ('noBits' in when) return [entry({ op: 'SCMP_CMP_MASKED_EQ', value: when.noBits, valueTwo: 0 })]
  if ('not' in when) return [entry({ op: 'SCMP_CMP_NE', value: when.not })]
  return when.oneOf.map((value) => entry({ op: 'SCMP_CMP_EQ', value }))
}
