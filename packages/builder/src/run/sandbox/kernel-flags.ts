/** linux/mount.h: flags of mount(2). */
export const MountFlag: {
  readonly RDONLY: number
  readonly NOSUID: number
  readonly NODEV: number
  readonly NOEXEC: number
  readonly BIND: number
  readonly REC: number
  readonly STRICTATIME: number
} = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8, BIND: 4096, REC: 16384, STRICTATIME: 1 << 24 }

/** linux/sched.h: flags of unshare(2). */
export const CloneFlag: {
  readonly NEWNS: number
  readonly NEWCGROUP: number
  readonly NEWUTS: number
  readonly NEWIPC: number
  readonly NEWPID: number
  readonly NEWNET: number
} = {
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
}
