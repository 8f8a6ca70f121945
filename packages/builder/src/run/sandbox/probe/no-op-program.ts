import type { KnownArch } from '../seccomp/syscall-numbers.js'

/** exit(0), in the processor's own words. */
const CODE: Readonly<Record<KnownArch, readonly number[]>> = {
  // xor edi,edi; mov eax,60; syscall
  x64: [0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05],
  // mov x0,#0; mov x8,#93; svc #0
  arm64: [0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0, 0, 0xd4],
}
const MACHINE: Readonly<Record<KnownArch, number>> = { x64: 62, arm64: 183 }

const ELF_HEADER = 64
const PROGRAM_HEADER = 56
const LOAD_ADDRESS = 0x400000n

/**
 * The smallest program that there is, for trying executors out: an ELF file of one segment that ends at once. It needs no
 * library, no loader and no other file.
 */
export function noOpProgram(arch: KnownArch): Uint8Array {
  const code = Buffer.from(CODE[arch])
  const start = ELF_HEADER + PROGRAM_HEADER
  const size = BigInt(start + code.length)
  const file = Buffer.alloc(start)
  // ELF, 64 bits, little-endian, version 1; an executable.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(2, 16)
  file.writeUInt16LE(MACHINE[arch], 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(LOAD_ADDRESS + BigInt(start), 24)
  file.writeBigUInt64LE(BigInt(ELF_HEADER), 32)
  file.writeUInt16LE(ELF_HEADER, 52)
  file.writeUInt16LE(PROGRAM_HEADER, 54)
  file.writeUInt16LE(1, 56)
  // PT_LOAD, to be read and executed.
  file.writeUInt32LE(1, ELF_HEADER)
  file.writeUInt32LE(5, ELF_HEADER + 4)
  file.writeBigUInt64LE(LOAD_ADDRESS, ELF_HEADER + 16)
  file.writeBigUInt64LE(LOAD_ADDRESS, ELF_HEADER + 24)
  file.writeBigUInt64LE(size, ELF_HEADER + 32)
  file.writeBigUInt64LE(size, ELF_HEADER + 40)
  file.writeBigUInt64LE(0x1000n, ELF_HEADER + 48)
  return Buffer.concat([file, code])
}
