// eBPF, linux/bpf.h: struct bpf_insn { u8 code; u8 registers; s16 offset; s32 immediate }.
const LOAD_WORD = 0x61
const COPY = 0xbf
const SET = 0xb7
const AND = 0x57
const SHIFT_RIGHT = 0x77
const IF_EQUAL = 0x15
const IF_OTHER = 0x55
const EXIT = 0x95

/** linux/bpf.h, BPF_DEVCG_: a character device, and its node being made. */
const CHARACTER = 2
const MAKE_NODE = 1

type Instruction = readonly [code: number, to: number, from: number, offset: number, immediate: number]

/**
 * A program of the type BPF_PROG_TYPE_CGROUP_DEVICE, which the kernel asks before it opens a device: allows all nodes
 * to be made, and these character devices to be opened. It is given struct bpf_cgroup_dev_ctx { u32 access_type, major,
 * minor }, the lower half of `access_type` being the type.
 */
export function deviceProgram(devices: readonly (readonly [number, number | '*'])[]): Uint8Array {
  return encode([
    [LOAD_WORD, 2, 1, 0, 0],
    [LOAD_WORD, 4, 1, 4, 0],
    [LOAD_WORD, 5, 1, 8, 0],
    [COPY, 3, 2, 0, 0],
    [SHIFT_RIGHT, 3, 0, 0, 16],
    [AND, 2, 0, 0, 0xffff],
    ...unless([IF_OTHER, 3, 0, 2, MAKE_NODE]),
    [IF_EQUAL, 2, 0, 2, CHARACTER],
    ...answer(0),
    ...devices.flatMap(([major, minor]): Instruction[] =>
      minor === '*'
        ? unless([IF_OTHER, 4, 0, 2, major])
        : [[IF_OTHER, 4, 0, 3, major], ...unless([IF_OTHER, 5, 0, 2, minor])],
    ),
    ...answer(0),
  ])
}

function unless(condition: Instruction): Instruction[] {
  return [condition, ...answer(1)]
}

function answer(value: number): Instruction[] {
  return [
    [SET, 0, 0, 0, value],
    [EXIT, 0, 0, 0, 0],
  ]
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(8 * program.length)
  program.forEach(([code, to, from, offset, immediate], index) => {
    bytes.writeUInt8(code, 8 * index)
    bytes.writeUInt8((from << 4) | to, 8 * index + 1)
    bytes.writeInt16LE(offset, 8 * index + 2)
    bytes.writeInt32LE(immediate, 8 * index + 4)
  })
  return bytes
}
