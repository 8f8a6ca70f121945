import { describe, expect, it } from 'vitest'
import { formatPaxRecords, parsePaxRecords } from './pax.js'

const AT = { index: 0, offset: 0 }

describe('PAX records', () => {
  it('keep any bytes of a value', () => {
    const value = Buffer.from('a=b\n\0\xff\xfe', 'latin1')
    const body = formatPaxRecords(new Map([['SCHILY.xattr.user.x', value]]))
    expect(parsePaxRecords(body, AT)).toEqual([{ key: 'SCHILY.xattr.user.x', value }])
  })

  it('are written in the order of the bytes of their keywords', () => {
    const one = Buffer.from('1')
    const body = formatPaxRecords(
      new Map([
        ['path', one],
        ['SCHILY.xattr.user.\xe9', one],
        ['SCHILY.xattr.user.z', one],
        ['gid', one],
      ]),
    )
    expect(parsePaxRecords(body, AT).map(({ key }) => key)).toEqual([
      'SCHILY.xattr.user.z',
      'SCHILY.xattr.user.\xe9',
      'gid',
      'path',
    ])
  })

  it('count the digits of their own length', () => {
    for (let length = 0; length < 1100; length++) {
      const body = formatPaxRecords(new Map([['k', Buffer.alloc(length)]]))
      expect(Number(/^\d+/.exec(body.toString('latin1'))![0])).toBe(body.length)
    }
  })

  it('cannot have a keyword that reads back otherwise', () => {
    for (const key of ['', 'a=b', 'a\0b']) {
      expect(() => formatPaxRecords(new Map([[key, Buffer.alloc(0)]]))).toThrowError(
        expect.objectContaining({ code: 'E_TAR_ENCODE' }),
      )
    }
  })

  it('are refused when malformed, wherever in the header', () => {
    const bodies = [
      '0 a=b\n',
      '-7 a=b\n',
      '+6 a=b\n',
      '06 a=b\n',
      '99 a=b\n',
      '5 a=b\n',
      '6 a=bX',
      '6 abc\n',
      '6a=b\n',
      '5 =b\n',
      '7 a\0=b\n',
      '\0',
      '99999999999999999999 a=b\n',
      '3 \n',
      '2\n',
    ]
    for (const body of bodies) {
      expect(() => parsePaxRecords(Buffer.from(`6 x=y\n${body}`, 'latin1'), AT), body).toThrowError(
        expect.objectContaining({ code: 'E_TAR_PAX', data: { entry: 0, offset: 0, position: 6 } }),
      )
    }
  })

  it('may hold an equals sign only in the next record, and are refused then', () => {
    expect(() => parsePaxRecords(Buffer.from('6 abc\n6 a=b\n'), AT)).toThrowError(/no equals sign/)
  })
})
