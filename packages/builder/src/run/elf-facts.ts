import type { ByteString } from '@cooperage/store'

export interface ElfFacts {
  /** In the words of OCI images; `machine N` for one that is not among them. */
  readonly architecture: string
  /** The dynamic linker that the program asks for. */
  readonly interpreter: ByteString | undefined
}

/** e_machine of ELF files (ELF specification and its supplements). */
const MACHINES: Readonly<Record<number, string>> = {
  3: '386',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}
const PT_INTERP = 3

/** What the beginning of an ELF file says; undefined for other files. */
export function elfFacts(head: Buffer): ElfFacts | undefined {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined
  const is64 = head[4] === 2
  const isLittle = head[5] === 1
  const u16 = (at: number) => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at))
  const u32 = (at: number) => (isLittle ? head.readUInt32LE(at) : head.readUInt32BE(at))
  const word = (at: number) =>
    is64 ? Number(isLittle ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at)) : u32(at)
  const machine = u16(18)
  const name = MACHINES[machine] ?? `machine ${machine}`
  const architecture = name === 'ppc64' && isLittle ? 'ppc64le' : name
  const table = word(is64 ? 32 : 28)
  const size = u16(is64 ? 54 : 42)
  const count = Math.min(u16(is64 ? 56 : 44), 64)
  for (let index = 0; index < count; index++) {
    const at = table + index * size
    if (!Number.isSafeInteger(at) || size < (is64 ? 56 : 32) || at + size > head.length) break
    if (u32(at) !== PT_INTERP) continue
    const from = word(at + (is64 ? 8 : 4))
    const end = from + word(at + (is64 ? 32 : 16))
    const interpreter = head.toString('latin1', from, Math.min(end, head.length)).replace(/\0.*$/s, '')
    return { architecture, interpreter: end <= head.length && interpreter !== '' ? interpreter : undefined }
  }
  return { architecture, interpreter: undefined }
}
