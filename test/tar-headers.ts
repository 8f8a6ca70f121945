const BLOCK = 512

/** An entry as it stands in its header, with every record of the PAX header before it. */
export interface TarHeader {
  readonly name: string
  readonly type: string
  readonly mode: string
  readonly mtime: number
  readonly linkname: string
  readonly content: string
  readonly records: Readonly<Record<string, string>>
}

/** The entries of an uncompressed tar with short names; reads what a reader of layers does not care for. */
export function tarHeaders(tar: Buffer): TarHeader[] {
  const headers: TarHeader[] = []
  let records: Record<string, string> = {}
  for (let at = 0; at < tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number) =>
      tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/, '')
    const size = Number.parseInt(text(124, 12), 8)
    const body = tar.subarray(at + BLOCK, at + BLOCK + size)
    const type = text(156, 1)
    if (type === 'x') records = recordsOf(body.toString('latin1'))
    else {
      headers.push({
        name: text(0, 100),
        type,
        mode: text(100, 8),
        mtime: Number.parseInt(text(136, 12), 8),
        linkname: text(157, 100),
        content: body.toString('latin1'),
        records,
      })
      records = {}
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return headers
}

function recordsOf(body: string): Record<string, string> {
  const records: Record<string, string> = {}
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.slice(at), 10)
    const [, key = '', value = ''] = /^\d+ ([^=]*)=(.*)\n$/s.exec(body.slice(at, at + length)) ?? []
    records[key] = value
    at += length
  }
  return records
}
