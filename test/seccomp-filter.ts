import { execFileSync } from 'node:child_process'

export interface Syscall {
  readonly number: number
  /** AUDIT_ARCH of the processor. */
  readonly arch: number
  readonly args: readonly bigint[]
}

/** What a filter in classic BPF answers to a system call: an interpreter of our own, by linux/filter.h. */
export function evaluateFilter(filter: Uint8Array, { number, arch, args }: Syscall): number {
  const program = Buffer.from(filter.buffer, filter.byteOffset, filter.length)
  const data = Buffer.alloc(64)
  data.writeInt32LE(number | 0, 0)
  data.writeUInt32LE(arch, 4)
  for (const [index, value] of args.entries())
    data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * index)
  let accumulator = 0
  for (let at = 0; at < program.length / 8; at++) {
    const code = program.readUInt16LE(8 * at)
    const jump = (taken: boolean): number => program[8 * at + (taken ? 2 : 3)]!
    const k = program.readUInt32LE(8 * at + 4)
    if (code === 0x06) return k
    if (code === 0x20) accumulator = data.readUInt32LE(k)
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0
    else if (code === 0x05) at += k
    else if (code === 0x15) at += jump(accumulator === k)
    else if (code === 0x25) at += jump(accumulator > k)
    else if (code === 0x35) at += jump(accumulator >= k)
    else if (code === 0x45) at += jump((accumulator & k) !== 0)
    else throw new Error(`no such instruction: ${code.toString(16)}`)
  }
  throw new Error('the filter does not answer')
}

/** The filter that a process runs under, as the kernel gives it to root: PTRACE_SECCOMP_GET_FILTER. x86-64 alone. */
export function filterOf(pid: number): Uint8Array {
  const program = `
    my $pid = 0 + $ARGV[0];
    syscall(101, 16, $pid, 0, 0) == 0 or die "attach: $!";
    waitpid($pid, 0x40000000);
    my $count = syscall(101, 0x420c, $pid, 0, 0);
    die "get: $!" if $count < 0;
    my $filter = "\\0" x (8 * $count);
    syscall(101, 0x420c, $pid, 0, $filter);
    syscall(101, 17, $pid, 0, 0);
    print $filter;`
  return execFileSync('perl', ['-e', program, String(pid)])
}
