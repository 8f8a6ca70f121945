/** Authority and sub-authorities of the security identifiers that occur (MS-DTYP 2.4.2.4, "Well-Known SID Structures"). */
const SIDS = {
  BUILTIN_ADMINISTRATORS: [5, 32, 544],
  BUILTIN_USERS: [5, 32, 545],
  LOCAL_SYSTEM: [5, 18],
  CREATOR_OWNER: [3, 0],
} as const

type Sid = keyof typeof SIDS

interface Allowed {
  readonly sid: Sid
  /** Rights, an access mask. */
  readonly mask: number
  /** AceFlags: who inherits it. */
  readonly flags: number
}

const OBJECT_INHERIT = 1
const CONTAINER_INHERIT = 2
const INHERIT_ONLY = 8
const ALL_INHERIT = OBJECT_INHERIT | CONTAINER_INHERIT

const FILE_ALL_ACCESS = 0x1f01ff
const FILE_READ_AND_EXECUTE = 0x1200a9
const FILE_ADD_FILE = 0x2
const FILE_ADD_SUBDIRECTORY = 0x4
const GENERIC_ALL = 0x10000000

/** SE_SELF_RELATIVE and SE_DACL_PRESENT. */
const CONTROL = 0x8004
const HEADER_LENGTH = 20

/** What BuildKit gives to directories: administrators and the system may do all, users may read and add. */
export const DIRECTORY_SECURITY: string = securityDescriptor([
  { sid: 'BUILTIN_ADMINISTRATORS', mask: FILE_ALL_ACCESS, flags: ALL_INHERIT },
  { sid: 'LOCAL_SYSTEM', mask: FILE_ALL_ACCESS, flags: ALL_INHERIT },
  { sid: 'BUILTIN_ADMINISTRATORS', mask: FILE_ALL_ACCESS, flags: 0 },
  { sid: 'CREATOR_OWNER', mask: GENERIC_ALL, flags: ALL_INHERIT | INHERIT_ONLY },
  { sid: 'BUILTIN_USERS', mask: FILE_READ_AND_EXECUTE, flags: ALL_INHERIT },
  { sid: 'BUILTIN_USERS', mask: FILE_ADD_SUBDIRECTORY, flags: CONTAINER_INHERIT },
  { sid: 'BUILTIN_USERS', mask: FILE_ADD_FILE, flags: CONTAINER_INHERIT },
])

/** What BuildKit gives to files: users may read and execute them. */
export const FILE_SECURITY: string = securityDescriptor([
  { sid: 'BUILTIN_ADMINISTRATORS', mask: FILE_ALL_ACCESS, flags: 0 },
  { sid: 'LOCAL_SYSTEM', mask: FILE_ALL_ACCESS, flags: 0 },
  { sid: 'BUILTIN_USERS', mask: FILE_READ_AND_EXECUTE, flags: 0 },
])

/** In self-relative form and base64, owned by the administrators, group the system (MS-DTYP 2.4.6). */
function securityDescriptor(allowed: readonly Allowed[]): string {
  const owner = sidBytes('BUILTIN_ADMINISTRATORS')
  const group = sidBytes('LOCAL_SYSTEM')
  const header = Buffer.alloc(HEADER_LENGTH)
  header[0] = 1
  header.writeUInt16LE(CONTROL, 2)
  header.writeUInt32LE(HEADER_LENGTH, 4)
  header.writeUInt32LE(HEADER_LENGTH + owner.length, 8)
  header.writeUInt32LE(HEADER_LENGTH + owner.length + group.length, 16)
  return Buffer.concat([header, owner, group, accessList(allowed.map(accessEntry))]).toString('base64')
}

/** An ACL (MS-DTYP 2.4.5). */
function accessList(entries: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  header[0] = 2
  header.writeUInt16LE(header.length + entries.reduce((sum, entry) => sum + entry.length, 0), 2)
  header.writeUInt16LE(entries.length, 4)
  return Buffer.concat([header, ...entries])
}

/** An ACCESS_ALLOWED_ACE (MS-DTYP 2.4.4.2). */
function accessEntry({ sid, mask, flags }: Allowed): Buffer {
  const bytes = sidBytes(sid)
  const header = Buffer.alloc(8)
  header[1] = flags
  header.writeUInt16LE(header.length + bytes.length, 2)
  header.writeUInt32LE(mask, 4)
  return Buffer.concat([header, bytes])
}

function sidBytes(sid: Sid): Buffer {
  const [authority, ...subs] = SIDS[sid]
  const bytes = Buffer.alloc(8 + subs.length * 4)
  bytes[0] = 1
  bytes[1] = subs.length
  bytes.writeUIntBE(authority, 2, 6)
  for (const [index, sub] of subs.entries()) bytes.writeUInt32LE(sub, 8 + index * 4)
  return bytes
}
