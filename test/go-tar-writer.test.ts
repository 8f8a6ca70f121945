import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeTarEntry } from '../packages/store/src/tar/encode-entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../packages/store/src/tar/layout.js'
import { readTar } from '../packages/store/src/tar/read-tar.js'

/** Fills a root file system with names, owners, times and attributes at every edge of the ustar header. */
const POPULATE = String.raw`
import os, sys
r = sys.argv[1].encode() + b'/'
def mk(p, uid=0, gid=0, mt=1445412480):
    p = r + p
    os.makedirs(os.path.dirname(p), exist_ok=True)
    open(p, 'wb').write(b'x'); os.chown(p, uid, gid); os.utime(p, (mt, mt))
mk(b'plain'); os.chmod(r + b'plain', 0o6755)
for n in (99, 100, 101):
    mk(b'n' * n)
    os.makedirs(r + b'w' * (n - 1) + b'/dir')
    os.makedirs(r + b'd' * 60 + b'/' + b'p' * n)
    mk(b's' * n + b'/t' + b's' * 20)
for n in (154, 155, 156):
    mk(b'a' * n + b'/b'); os.makedirs(r + b'a' * n + b'/' + b'c' * 99); os.makedirs(r + b'a' * n + b'/' + b'c' * 100)
mk(b'i' * 200 + b'/' + b'j' * 200 + b'/k')
mk(b'u' * 98 + b'/v' * 30)
mk('ümlaut/ß'.encode()); mk(b'latin\xe9'); mk('日本/'.encode() + b'l' * 120)
mk(b'big', 3000000000, 4000000000); mk(b'edge', 2097151, 2097152)
mk(b'late', mt=8589934592); mk(b'not-late', mt=8589934591); mk(b'first', mt=0)
mk(b'q' * 50 + b'/' + b'r' * 60, 3000000000)
for target in (b'y' * 100, b'y' * 101, 'zü'.encode(), b'y' * 99 + b'/' + b'z' * 50, b'y' * 98 + b'///' + b'z'):
    os.symlink(target, r + b'link-' + target[:60] + str(len(target)).encode())
os.link(r + b'i' * 200 + b'/' + b'j' * 200 + b'/k', r + b'zhard')
os.mkfifo(r + b'fifo')
try: os.mknod(r + b'device', 0o20666, os.makedev(10, 229))
except OSError: pass
try:
    for n, v in (('user.bin', b'a=\n\0\xff\xfe'), ('user.b', b'1'), ('user.ä', b'2'), ('user.long', b'v' * 980)):
        os.setxattr(r + b'plain', n, v); os.setxattr(r + b'q' * 50 + b'/' + b'r' * 60, n, v)
except OSError: pass
`

function works(): boolean {
  try {
    execFileSync('umoci', ['--version'])
    execFileSync('python3', ['--version'])
    return process.getuid?.() === 0
  } catch {
    return false
  }
}

const available = works()
if (!available) console.log('skipped: no umoci, no python3, or not root')

describe.skipIf(!available)('a layer written by Go (umoci)', () => {
  let folder: string
  let layer: Buffer
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cooperage-umoci-'))
    const umoci = (...args: string[]) => execFileSync('umoci', args, { cwd: folder, stdio: 'ignore' })
    umoci('init', '--layout', 'layout')
    umoci('new', '--image', 'layout:empty')
    umoci('unpack', '--image', 'layout:empty', 'bundle')
    execFileSync('python3', ['-c', POPULATE, join(folder, 'bundle/rootfs')])
    umoci('repack', '--image', 'layout:full', 'bundle')
    const blob = (digest: string) => readFileSync(join(folder, 'layout/blobs/sha256', digest.slice(7)))
    const index = JSON.parse(readFileSync(join(folder, 'layout/index.json'), 'utf8'))
    const manifest = JSON.parse(blob(index.manifests.at(-1).digest).toString())
    layer = gunzipSync(blob(manifest.layers.at(-1).digest))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('comes out bit for bit when it is read and written again', async () => {
    const parts: Uint8Array[] = []
    const different: string[] = []
    let end = 0
    for await (const item of readTar(chunksOf(layer, 10_007))) {
      const written = encodeTarEntry(item.entry)
      if (!written.equals(layer.subarray(end, item.offset))) different.push(item.entry.name)
      end = item.offset + item.stored + tarPadding(item.stored)
      parts.push(written)
      for await (const chunk of item.content()) parts.push(Uint8Array.from(chunk))
      parts.push(Buffer.alloc(tarPadding(item.stored)))
    }
    expect(different).toEqual([])
    expect(parts.length).toBeGreaterThan(100)
    expect(Buffer.concat([...parts, END_OF_ARCHIVE]).equals(layer)).toBe(true)
  })
})

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
