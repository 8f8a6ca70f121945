import { describe, expect, it } from 'vitest'
import { hasChecksum } from './checksum.js'
import { encodeTarEntry } from './encode-entry.js'
import { decodeHeader, hasMagic } from './header.js'
import { FIELD } from './layout.js'

const AT = { index: 2, offset: 1024 }

function header(change: (block: Buffer) => void = () => {}): Buffer {
  const block = encodeTarEntry({
    type: 'file',
    name: 'x',
    linkname: '',
    mode: 0o644,
    uid: 1,
    gid: 2,
    mtime: 3,
    size: 4,
    uname: 'user',
    gname: 'group',
    devmajor: 0,
    devminor: 0,
    xattrs: new Map(),
  })
  change(block)
  return block
}

describe('a header block', () => {
  it('is taken apart', () => {
    expect(decodeHeader(header(), AT)).toEqual({
      type: '0',
      format: 'ustar',
      name: 'x',
      linkname: '',
      mode: 0o644,
      uid: 1,
      gid: 2,
      mtime: 3,
      size: 4,
      uname: 'user',
      gname: 'group',
      devmajor: 0,
      devminor: 0,
    })
  })

  it('has names up to the whole field, without a NUL', () => {
    const block = header((block) => {
      block.fill('n', 0, 100)
      block.fill('p', FIELD.prefix.at, FIELD.prefix.at + 155)
    })
    expect(decodeHeader(block, AT).name).toBe(`${'p'.repeat(155)}/${'n'.repeat(100)}`)
  })

  it('of V7 has no names of owners and no devices', () => {
    const block = header((block) => {
      block.fill(0, FIELD.magic.at, FIELD.magic.at + 8)
      block.write('junk', FIELD.devmajor.at)
    })
    expect(hasMagic(block)).toBe(false)
    expect(decodeHeader(block, AT)).toMatchObject({ format: 'v7', name: 'x', uname: '', gname: '' })
  })

  it('is refused when its prefix means a name to some readers only', () => {
    const gnu = header((block) => {
      block.write('ustar  \0', FIELD.magic.at)
      block.write('../../evil', FIELD.prefix.at)
    })
    const version = header((block) => {
      block.write('99', FIELD.magic.at + 6)
      block.write('dir', FIELD.prefix.at)
    })
    const star = header((block) => {
      block.fill('p', FIELD.prefix.at, FIELD.prefix.at + 140)
      block.write('tar\0', 508)
    })
    const v7 = header((block) => {
      block.fill(0, FIELD.magic.at, FIELD.magic.at + 8)
      block.write('dir', FIELD.prefix.at)
    })
    for (const block of [gnu, version, star, v7]) {
      expect(() => decodeHeader(block, AT)).toThrowError(
        expect.objectContaining({ code: 'E_TAR_AMBIGUOUS', data: { entry: 2, offset: 1024 } }),
      )
    }
  })

  it('of GNU may have times where ustar has the prefix', () => {
    const block = header((block) => {
      block.write('ustar  \0', FIELD.magic.at)
      block.write('14524770400\x0014524770400\0', FIELD.prefix.at)
    })
    expect(decodeHeader(block, AT)).toMatchObject({ format: 'gnu', name: 'x' })
  })

  it('is refused for a number that is none, and says which', () => {
    const block = header((block) => block.write('zzz', FIELD.gid.at))
    expect(() => decodeHeader(block, AT)).toThrowError(
      expect.objectContaining({
        code: 'E_TAR_RANGE',
        data: { entry: 2, offset: 1024, field: 'gid', found: '7a7a7a3030303200' },
      }),
    )
  })

  it('may have anything in the device fields of what is no device', () => {
    const block = header((block) => block.write('zzz', FIELD.devmajor.at))
    expect(decodeHeader(block, AT).devmajor).toBe(0)
    block.write('3', FIELD.type.at)
    expect(() => decodeHeader(block, AT)).toThrowError(/devmajor is not a number/)
  })

  it('has a checksum of unsigned bytes, or of signed ones', () => {
    const block = header((block) => block.write('\xff\xfe', 0, 'latin1'))
    const sums = [1, -1].map((sign) => {
      let sum = 8 * 0x20
      block.forEach((byte, index) => {
        if (index < 148 || index >= 156) sum += sign < 0 && byte > 127 ? byte - 256 : byte
      })
      return sum
    })
    for (const sum of sums) {
      block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
      expect(hasChecksum(block)).toBe(true)
    }
    block.write(`${(sums[0]! + 1).toString(8).padStart(6, '0')}\0 `, 148)
    expect(hasChecksum(block)).toBe(false)
    block.write('zzzzzz', 148)
    expect(hasChecksum(block)).toBe(false)
  })
})
