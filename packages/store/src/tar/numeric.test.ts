import { describe, expect, it } from 'vitest'
import { largestOctal, readNumeric } from './numeric.js'

const read = (bytes: string | Buffer): number | undefined => {
  const block = Buffer.from(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  return readNumeric(block, { at: 0, length: block.length })
}

describe('numbers of a header', () => {
  it('are octal digits, blanks around them', () => {
    expect(read('0000644\0')).toBe(0o644)
    expect(read('   644 \0')).toBe(0o644)
    expect(read('00000644')).toBe(0o644)
    expect(read('\0   644\0')).toBe(0o644)
    expect(read('777777777777')).toBe(8 ** 12 - 1)
  })

  it('are zero when blank', () => {
    expect(read('\0\0\0\0')).toBe(0)
    expect(read('    ')).toBe(0)
  })

  it('end at a NUL behind digits, as a C string does', () => {
    expect(read('12\x0034567')).toBe(0o12)
  })

  it('are refused with anything else in them', () => {
    for (const text of ['0000008\0', '-000001\0', 'zzz\0', '12 34\0\0', '\0\x0012\0', '0x10\0', '1e3\0\0']) {
      expect([text, read(text)]).toEqual([text, undefined])
    }
  })

  it('may be base-256, negative too', () => {
    expect(read(Buffer.from('8000000000000003', 'hex'))).toBe(3)
    expect(read(Buffer.from('80000000b2d05e00', 'hex'))).toBe(3_000_000_000)
    expect(read(Buffer.from('ffffffffffffffff', 'hex'))).toBe(-1)
    expect(read(Buffer.from('fffffffffffffffe', 'hex'))).toBe(-2)
  })

  it('are refused when they are no safe integer', () => {
    expect(read(Buffer.from('80000000001fffffffffffff', 'hex'))).toBe(Number.MAX_SAFE_INTEGER)
    expect(read(Buffer.from('800000000020000000000001', 'hex'))).toBeUndefined()
    expect(read(Buffer.from('800000008000000000000000', 'hex'))).toBeUndefined()
  })

  it('have a largest octal value', () => {
    expect(largestOctal(8)).toBe(2_097_151)
    expect(largestOctal(12)).toBe(8_589_934_591)
  })
})
