import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { digestOf, MediaType } from '@cooperage/store'
import type { BadInput } from './bad-input-cases.js'
import { layoutOf } from './layout-of.js'
import { tarOf } from './tar-of.js'

const FROM_BASE = ['BUILD', '--build-context', 'base=oci-layout://base']
const LAYER = tarOf([{ name: 'x', content: 'x' }])

/** Archives as contexts. */
export function badTarContexts(): BadInput[] {
  const dockerfile = { name: 'Dockerfile', content: 'FROM scratch\nCOPY . /\n' }
  const of = (name: string, code: string | RegExp, bytes: Uint8Array): BadInput => ({
    row: Number.parseInt(name, 10),
    name: `an archive ${name.slice(3)}`,
    args: ['build', '-t', 'bad:1', '-o', 'type=docker,dest=out.tar', '-'],
    stdin: () => bytes,
    code,
  })
  const good = tarOf([dockerfile, { name: 'f', content: 'x'.repeat(2000) }])
  const gzip = gzipSync(good)
  const wrongSum = Buffer.from(good)
  wrongSum[0]! ^= 1
  const trailing = Buffer.concat([good, Buffer.from('garbage'.repeat(100))])
  const crc = Buffer.from(gzip)
  crc[crc.length - 6]! ^= 1
  return [
    of('29 with ../', 'E_TAR_ESCAPE', tarOf([dockerfile, { name: '../x' }])),
    of('29 with an absolute name', 'E_TAR_ESCAPE', tarOf([dockerfile, { name: '/../x' }])),
    of(
      '30 whose root is a link',
      'E_TAR_ROOT',
      tarOf([{ name: '.', type: 'symlink', linkname: '/etc' }, dockerfile]),
    ),
    of(
      '31 with a hard link to nothing',
      'E_TAR_LINK',
      tarOf([dockerfile, { name: 'h', type: 'hardlink', linkname: 'none' }]),
    ),
    of(
      '31 with a hard link that leads out',
      /^E_TAR_(?:LINK|ESCAPE)$/,
      tarOf([dockerfile, { name: 'h', type: 'hardlink', linkname: '../../etc/passwd' }]),
    ),
    of(
      '31 with a hard link to a folder',
      'E_TAR_LINK',
      tarOf([dockerfile, { name: 'd/' }, { name: 'h', type: 'hardlink', linkname: 'd' }]),
    ),
    of('32 cut in a header', 'E_TAR_TRUNCATED', good.subarray(0, 1500)),
    of('32 cut in a content', 'E_TAR_TRUNCATED', good.subarray(0, 2600)),
    of('32 with a wrong checksum', 'E_TAR_CHECKSUM', wrongSum),
    of('32 with something behind its end', 'E_TAR_TRAILING', trailing),
    of('33 whose gzip is cut', /^E_GZIP_/, gzip.subarray(0, gzip.length - 20)),
    of('33 whose gzip has a wrong sum', /^E_GZIP_/, crc),
    of(
      '34 whose xz is damaged',
      /^E_XZ_/,
      Buffer.concat([Buffer.from('fd377a585a000004', 'hex'), Buffer.alloc(600, 1)]),
    ),
    of(
      '34 whose bzip2 is damaged',
      /^E_BZIP2_/,
      Buffer.concat([Buffer.from('BZh91AY&SY'), Buffer.alloc(600, 1)]),
    ),
  ]
}

/** Base images in layouts. */
export const BAD_IMAGES: readonly BadInput[] = [
  base('35 with another diff ID', 'E_DIFFID', {
    config: (json) => ({ ...json, rootfs: { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] } }),
  }),
  base('35 with fewer diff IDs than layers', 'E_DIFFID', {
    config: (json) => ({ ...json, rootfs: { type: 'layers', diff_ids: [] } }),
  }),
  base('43 without a config', 'E_MANIFEST', { manifest: ({ config: _, ...rest }) => rest }),
  base('43 with layers that are null', 'E_MANIFEST', { manifest: (json) => ({ ...json, layers: null }) }),
  base('43 with a size that is text', 'E_MANIFEST', {
    manifest: (json) => ({ ...json, config: { ...(json.config as object), size: '12' } }),
  }),
  base('43 with a negative size', 'E_MANIFEST', {
    manifest: (json) => ({ ...json, config: { ...(json.config as object), size: -1 } }),
  }),
  base('44 with both layers and manifests', 'E_MANIFEST_AMBIGUOUS', {
    manifest: (json) => ({ ...json, manifests: [] }),
  }),
  base('44 of schema 1', /^E_SCHEMA1$/, {
    manifest: () => ({ schemaVersion: 1, name: 'x', tag: 'y', fsLayers: [], history: [] }),
  }),
  {
    row: 45,
    name: 'an image for another platform',
    whole: 'FROM base\n',
    args: FROM_BASE,
    prepare: nestedForAnother,
    code: 'E_PLATFORM',
    says: 's390x',
  },
  base('46 whose root file system is not of layers', 'E_CONFIG', {
    config: (json) => ({ ...json, rootfs: { type: 'other', diff_ids: [] } }),
  }),
  {
    row: 69,
    name: 'a layout without its file',
    whole: 'FROM base\n',
    args: FROM_BASE,
    prepare: (folder) => mkdirSync(join(folder, 'base')),
    code: /^E_(?:ARCHIVE|LAYOUT)_/,
  },
  {
    row: 69,
    name: 'a layout of another version',
    whole: 'FROM base\n',
    args: FROM_BASE,
    prepare: (folder) => {
      layoutOf(join(folder, 'base'), { layers: [LAYER] })
      writeFileSync(join(folder, 'base/oci-layout'), '{"imageLayoutVersion":"9.0.0"}')
    },
    code: /^E_(?:ARCHIVE|LAYOUT)_/,
  },
  {
    row: 69,
    name: 'a layout whose blobs are gone',
    whole: 'FROM base\nCOPY a /\n',
    args: FROM_BASE,
    prepare: (folder) => {
      layoutOf(join(folder, 'base'), { layers: [LAYER] })
      execFileSync('sh', ['-c', 'rm base/blobs/sha256/*'], { cwd: folder })
    },
    code: /^E_(?:ARCHIVE|LAYOUT|BLOB)_/,
  },
  {
    row: 69,
    name: 'a layout whose layer was changed',
    whole: 'FROM base\nCOPY a /\n',
    args: FROM_BASE,
    prepare: (folder) => {
      layoutOf(join(folder, 'base'), { layers: [LAYER] })
      execFileSync('sh', ['-c', 'for f in base/blobs/sha256/*; do printf X >>$f; done'], { cwd: folder })
    },
    code: /^E_(?:ARCHIVE|LAYOUT|DIGEST|SIZE|MANIFEST)/,
    exit: 2,
  },
]

type Alteration = NonNullable<Parameters<typeof layoutOf>[1]['alter']>

function base(name: string, code: string | RegExp, alter: Alteration): BadInput {
  return {
    row: Number.parseInt(name, 10),
    name: `an image ${name.slice(3)}`,
    whole: 'FROM base\nCOPY a /y\n',
    args: FROM_BASE,
    prepare: (folder) => void layoutOf(join(folder, 'base'), { layers: [LAYER], alter }),
    code,
  }
}

/** The layout's only entry is an index, which only has an image for another platform. */
function nestedForAnother(folder: string): void {
  const layout = join(folder, 'base')
  layoutOf(layout, { layers: [LAYER], platform: { os: 'linux', architecture: 's390x' } })
  const inner = readFileSync(join(layout, 'index.json'))
  const digest = digestOf(inner)
  writeFileSync(join(layout, 'blobs/sha256', digest.slice('sha256:'.length)), inner)
  const manifests = [{ mediaType: MediaType.ociIndex, digest, size: inner.length }]
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }),
  )
}

/** What `cooper load` is given: docker's own form, unless it says otherwise. */
export function badArchives(): BadInput[] {
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [digestOf(LAYER)] },
  })
  const manifest = (entry: object) => ({
    name: 'manifest.json',
    content: JSON.stringify([{ Config: 'c.json', RepoTags: ['bad:1'], Layers: ['l.tar'], ...entry }]),
  })
  const c = { name: 'c.json', content: config }
  const l = { name: 'l.tar', content: LAYER }
  const of = (name: string, code: RegExp, bytes: Uint8Array): BadInput => ({
    row: 69,
    name: `an archive ${name}`,
    args: ['load'],
    stdin: () => bytes,
    code,
  })
  const whole = tarOf([manifest({}), c, l])
  return [
    { row: 69, name: 'an archive that is whole', args: ['load'], stdin: () => whole, loads: true },
    of('without a manifest', /^E_ARCHIVE/, tarOf([c, l])),
    of('whose layer is outside', /^E_(?:ARCHIVE|TAR)/, tarOf([manifest({ Layers: ['../l.tar'] }), c, l])),
    of('without its layer', /^E_ARCHIVE/, tarOf([manifest({}), c])),
    of('without its config', /^E_ARCHIVE/, tarOf([manifest({}), l])),
    of(
      'whose layer is a link to outside',
      /^E_(?:ARCHIVE|TAR)/,
      tarOf([manifest({}), c, { name: 'l.tar', type: 'symlink', linkname: '/etc/passwd' }]),
    ),
    of(
      'with a name that is none',
      /^E_(?:REF|ARCHIVE)/,
      tarOf([manifest({ RepoTags: ['../../etc:1'] }), c, l]),
    ),
    of(
      'whose manifest is no JSON',
      /^E_(?:ARCHIVE|JSON|MANIFEST)/,
      tarOf([{ name: 'manifest.json', content: '{' }, c, l]),
    ),
    of(
      'whose layer is another',
      /^E_(?:ARCHIVE|DIFFID|DIGEST)/,
      tarOf([manifest({}), c, { name: 'l.tar', content: tarOf([{ name: 'y' }]) }]),
    ),
    of('that is cut', /^E_(?:ARCHIVE|TAR)/, whole.subarray(0, 3000)),
    of('that is empty', /^E_/, Buffer.alloc(0)),
    of('that is something else', /^E_/, Buffer.alloc(5000, 'no tar at all ')),
  ]
}
