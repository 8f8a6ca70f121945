import type { ConditionalCall, SeccompPolicy } from './policy.js'
import { type CallTable, type KnownArch, syscallNumbers } from './syscall-numbers.js'

// Classic BPF, linux/filter.h: struct sock_filter { u16 code; u8 jt; u8 jf; u32 k }. Jumps count from the next one.
const LOAD = 0x20
const JUMP = 0x05
const IF_EQUAL = 0x15
const IF_GREATER = 0x25
const IF_AT_LEAST = 0x35
const IF_BITS = 0x45
const RETURN = 0x06

// linux/seccomp.h: what a filter answers, and struct seccomp_data { int nr; u32 arch; u64 ip; u64 args[6] }.
const ALLOW = 0x7fff0000
const ERRNO = 0x00050000
const NUMBER_AT = 0
const ARCH_AT = 4
const ARGUMENTS_AT = 16

const EPERM = 1
const ENOSYS = 38

const AUDIT_ARCH: Readonly<Record<CallTable, number>> = {
  x64: 0xc000003e,
  arm64: 0xc00000b7,
  ia32: 0x40000003,
}

/** The tables of a processor, its own first: programs of 32 bits are those of an x86. */
const TABLES_OF: Readonly<Record<KnownArch, readonly CallTable[]>> = {
  x64: ['x64', 'ia32'],
  arm64: ['arm64'],
}

type Instruction = readonly [code: number, k: number, ifTrue?: number, ifFalse?: number]

const answer = (value: number): Instruction => [RETURN, value]
const REFUSE = answer(ERRNO | EPERM)
const ABSENT = answer(ERRNO | ENOSYS)
const PERMIT = answer(ALLOW)

/** Programs of the 32-bit sibling get through the filter. */
export function runs32Bit(arch: KnownArch): boolean {
  return TABLES_OF[arch].length > 1
}

/** The policy as a filter for seccomp(2). Calls that are newer than the tables of numbers get ENOSYS. */
export function compileFilter(policy: SeccompPolicy, arch: KnownArch): Uint8Array {
  const sections = TABLES_OF[arch].map((table) => [table, section(policy, table)] as const)
  return encode([
    [LOAD, ARCH_AT],
    // Each always answers, and is jumped over when the call is of another kind.
    ...sections.flatMap(([table, body]): Instruction[] => [
      [IF_EQUAL, AUDIT_ARCH[table], 1, 0],
      [JUMP, body.length],
      ...body,
    ]),
    ABSENT,
  ])
}

function section(policy: SeccompPolicy, table: CallTable): readonly Instruction[] {
  const numbers = syscallNumbers(table)
  const known = (name: string): number[] => {
    const number = numbers.get(name)
    return number === undefined ? [] : [number]
  }
  // Each special call is a block of its own that always answers, jumped over when the number is another one.
  const special = [
    ...policy.conditional.flatMap((call) =>
      known(call.name).map((number) => block(number, conditionOf(call))),
    ),
    ...policy.absent.flatMap((name) => known(name).map((number) => block(number, [ABSENT]))),
  ]
  const apart = new Set([...policy.conditional.map(({ name }) => name), ...policy.absent])
  const allowed = policy.allowed.filter((name) => !apart.has(name)).flatMap(known)
  return [
    [LOAD, NUMBER_AT],
    // Also the calls of the x32 ABI, which have bit 30 set.
    [IF_GREATER, Math.max(...numbers.values()), 0, 1],
    ABSENT,
    ...special.flat(),
    ...search(ranges(allowed)),
  ]
}

function block(number: number, body: readonly Instruction[]): readonly Instruction[] {
  return [[IF_EQUAL, number, 1, 0], [JUMP, body.length], ...body]
}

function conditionOf({ argument, when }: ConditionalCall): readonly Instruction[] {
  // Little-endian: the lower half comes first.
  const low = ARGUMENTS_AT + 8 * argument
  if ('noBits' in when) return [[LOAD, low], [IF_BITS, when.noBits, 0, 1], REFUSE, PERMIT]
  if ('not' in when) return [[LOAD, low], [IF_EQUAL, when.not, 0, 1], REFUSE, PERMIT]
  return [
    [LOAD, low + 4],
    [IF_EQUAL, 0, 1, 0],
    REFUSE,
    [LOAD, low],
    ...when.oneOf.flatMap((value): Instruction[] => [[IF_EQUAL, value, 0, 1], PERMIT]),
    REFUSE,
  ]
}

type Range = readonly [first: number, last: number]

function ranges(numbers: readonly number[]): Range[] {
  const found: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const open = found.at(-1)
    if (open !== undefined && number <= open[1] + 1) open[1] = number
    else found.push([number, number])
  }
  return found
}

/** A binary search for the range that holds the number. */
function search(sorted: readonly Range[]): readonly Instruction[] {
  const [range] = sorted
  if (range === undefined) return [REFUSE]
  if (sorted.length === 1)
    return [[IF_AT_LEAST, range[0], 0, 1], [IF_GREATER, range[1], 0, 1], REFUSE, PERMIT]
  const middle = sorted.length >> 1
  const below = search(sorted.slice(0, middle))
  return [
    [IF_AT_LEAST, sorted[middle]![0], 0, 1],
    [JUMP, below.length],
    ...below,
    ...search(sorted.slice(middle)),
  ]
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(8 * program.length)
  program.forEach(([code, k, ifTrue = 0, ifFalse = 0], index) => {
    bytes.writeUInt16LE(code, 8 * index)
    bytes.writeUInt8(ifTrue, 8 * index + 2)
    bytes.writeUInt8(ifFalse, 8 * index + 3)
    bytes.writeUInt32LE(k >>> 0, 8 * index + 4)
  })
  return bytes
}
