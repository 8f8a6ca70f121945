import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openStore } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { layoutOf } from './layout-of.js'
import { podmanApart } from './podman-apart.js'
import { hostTool, rivalDocker, type Tool } from './rival-tools.js'
import { type Spec, tarOf } from './tar-of.js'
import { type Rows, rowsOfDirectory, rowsOfImage, rowsOfTar, without } from './tree-rows.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('interop')

/** cap_net_bind_service=ep, version 2 (linux/capability.h). */
const CAPABILITY = Buffer.from('0100000200040000000000000000000000000000', 'hex')
const CAPABLE = new Map([['security.capability', CAPABILITY]])
const LONG = 'n'.repeat(255)
const DEEP = Array.from({ length: 12 }, (_, level) => `${level}-${'d'.repeat(60)}`).join('/')

/** What only an archive can hold without being root: owners, devices, capabilities. */
const BASE: readonly Spec[] = [
  { name: 'base/', mode: 0o1777, uid: 7, gid: 8, mtime: 1_600_000_000 },
  { name: 'base/owned', content: 'owned', uid: 3_000_000, gid: 4_000_000_000, mtime: 0 },
  { name: 'base/largest', uid: 4_294_967_294, gid: 4_294_967_294 },
  { name: 'base/setuid', content: '#!', mode: 0o4755, uid: 1000, gid: 1000 },
  { name: 'base/setgid', content: '#!', mode: 0o2711, uid: 1000, gid: 1001 },
  { name: 'base/every-bit', mode: 0o7777 },
  { name: 'base/none', content: 'secret', mode: 0 },
  { name: 'base/can', content: 'can', mode: 0o755, xattrs: CAPABLE },
  { name: 'base/can-too', type: 'hardlink', linkname: 'base/can', mode: 0o755, xattrs: CAPABLE },
  { name: 'base/char', type: 'char', mode: 0o666, devmajor: 1, devminor: 3 },
  { name: 'base/block', type: 'block', mode: 0o660, devmajor: 259, devminor: 300, gid: 6 },
  { name: 'base/fifo', type: 'fifo', mode: 0o622, uid: 5 },
  { name: 'base/empty/', mode: 0o700, uid: 2_097_152, gid: 2_097_152, mtime: 1 },
  { name: 'base/caf\xe9', content: 'latin1' },
  { name: 'base/\xff\xfe/', mode: 0o755 },
  { name: 'base/\xff\xfe/\x80', type: 'symlink', linkname: '../caf\xe9', uid: 9, gid: 9 },
  { name: 'base/2106', mtime: 2 ** 32 },
  { name: 'base/gone', content: 'goes' },
  { name: `base/${LONG}`, content: 'long' },
]

function makeContext(root: string): void {
  mkdirSync(join(root, 'files/sub'), { recursive: true })
  const name = (path: string) => Buffer.concat([Buffer.from(`${root}/files/`), Buffer.from(path, 'latin1')])
  const write = (path: string, content: string | Buffer, mode = 0o644) => {
    writeFileSync(name(path), content)
    chmodSync(name(path), mode)
  }
  const utf8 = (text: string) => Buffer.from(text).toString('latin1')
  write('plain', 'plain\n')
  write('executable', '#!', 0o755)
  write('setuid', '#!', 0o4755)
  write('read-only', '', 0o444)
  write('nothing-of-mode', 'x', 0)
  write(utf8('é-日本-😀'), 'utf8')
  write('latin1-\xe9', 'latin1')
  write('new\nline', 'n')
  write(' spaces ', 's')
  write('back\\slash', 'b')
  write(LONG, 'long')
  write('sub/one', 'one file\n')
  for (const link of ['sub/two', 'three']) linkSync(name('sub/one'), name(link))
  write('big', Buffer.alloc(9_000_001, 'all work and no play '))
  mkdirSync(join(root, 'files', DEEP), { recursive: true })
  write(`${DEEP}/leaf`, 'deep')
  mkdirSync(name('empty'), 0o755)
  mkdirSync(name('sticky'))
  chmodSync(name('sticky'), 0o1777)
  const links = {
    relative: 'sub/one',
    absolute: '/app/plain',
    dangling: 'nowhere',
    itself: 'itself',
    outside: '../../../../etc/passwd',
    directory: 'sub/',
    bytes: 'caf\xe9',
    long: 'x'.repeat(300),
  }
  for (const [link, target] of Object.entries(links)) {
    symlinkSync(Buffer.from(target, 'latin1'), name(`link-${link}`))
  }
  utimesSync(name('plain'), 0, 0)
  utimesSync(name('read-only'), 1_234_567_890.75, 1_234_567_890.75)
  utimesSync(name('empty'), 1_000_000_000, 1_000_000_000)
  writeFileSync(join(root, 'Dockerfile'), DOCKERFILE)
  const pair: readonly Spec[] = [
    { name: 'one', content: 'of two', uid: 1 },
    { name: 'two', type: 'hardlink', linkname: 'one', uid: 1 },
  ]
  writeFileSync(join(root, 'pair.tar'), tarOf(pair))
}

/** Layers that add, replace and touch what lies below them. */
const DOCKERFILE = `FROM base AS layers
COPY files /app
COPY --chown=3000000:3000001 files/plain files/sub/one files/link-relative /owned/
COPY --chmod=4711 files/executable /base/setgid
COPY files/plain /base/gone
WORKDIR /made/by/us
ADD --chown=5:6 pair.tar /added/
FROM layers
COPY --from=layers /base /copied
`

/** Names that every container has; none of the image's are among them. */
const OF_CONTAINERS = ['.dockerenv', 'dev', 'etc', 'proc', 'run', 'sys']

const OUTPUTS = [
  { name: 'docker.tar', spec: 'type=docker,dest=docker.tar' },
  { name: 'docker-gzip.tar', spec: 'type=docker,dest=docker-gzip.tar,compression=gzip' },
  { name: 'docker-layout', spec: 'type=docker,tar=false,dest=docker-layout' },
  { name: 'oci.tar', spec: 'type=oci,dest=oci.tar' },
  { name: 'oci-plain.tar', spec: 'type=oci,dest=oci-plain.tar,compression=uncompressed' },
  { name: 'oci-docker-types.tar', spec: 'type=oci,dest=oci-docker-types.tar,oci-mediatypes=false' },
  { name: 'oci-layout', spec: 'type=oci,tar=false,dest=oci-layout' },
] as const

const docker = rivalDocker()
const podman = hostTool('podman')
const skopeo = hostTool('skopeo')
const umoci = hostTool('umoci')
const python = hostTool('python3')
const IMAGE = `docker.io/library/cooper-interop-${process.pid}:1`

describe.skipIf(python === undefined)('an image with every kind of entry', () => {
  let expected: Rows

  beforeAll(async () => {
    const base = layoutOf(space.path('base'), { layers: [tarOf(BASE)], gzip: true })
    makeContext(space.folder('context', {}))
    const outputs = OUTPUTS.flatMap(({ spec }) => ['-o', spec])
    const named = ['--build-context', `base=${base}`, '-t', IMAGE]
    const { code, stderr } = await space.run(['build', ...named, ...outputs, 'context'])
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
    await using store = await openStore({ path: storeOf(space.root) })
    expected = await rowsOfImage(store, IMAGE)
  })

  it('is in the store what went into it', () => {
    const app = rowsOfDirectory(space.path('context/files'))
    for (const [path, row] of Object.entries(app)) {
      expect(expected[`app/${path}`]).toBe(
        row.replace(/(?<=same file: ).*/, (names) => `app/${names.replaceAll(' ', ' app/')}`),
      )
    }
    const file = space.path('base.tar')
    writeFileSync(file, tarOf(BASE))
    const base = rowsOfTar(file)
    const unchanged = without(base, ['base', 'base/setgid', 'base/gone'])
    expect(Object.keys(base).length).toBe(BASE.length)
    for (const [path, row] of Object.entries(unchanged)) expect(expected[path]).toBe(row)
    expect(expected['base/gone']).toMatch(/^file 0644 0:0 0 6 /)
    expect(expected['base/setgid']).toMatch(/^file 4711 0:0 /)
    expect(expected['owned/plain']).toMatch(/^file 0644 3000000:3000001 0 6 /)
    expect(expected['added/two']).toMatch(/^file 0644 5:6 1700000000 .* same file: added\/one added\/two$/)
    // A copy within one step keeps links between names, owners and capabilities.
    expect(expected['copied/can-too']).toMatch(
      /^file 0755 0:0 1700000000 3 .* same file: copied\/can copied\/can-too capability 01000002/,
    )
    expect(expected['copied/owned']).toBe(expected['base/owned'])
    expect(expected['made/by/us']).toMatch(/^directory 0755 0:0 /)
  })

  describe.skipIf(docker === undefined)('in Docker', () => {
    // It takes no archive without the manifest.json of docker's own form.
    it.each(['docker.tar', 'docker-gzip.tar', 'docker-layout.tar'])('loads from %s', (name) => {
      if (name === 'docker-layout.tar') {
        execFileSync('tar', ['-cf', name, '-C', 'docker-layout', '.'], { cwd: space.root })
      }
      const loaded = docker!(['load', '-i', space.path(name)])
      expect(loaded).toContain(`${IMAGE.replace('docker.io/library/', '')}`)
      try {
        expect(dockerTree(docker!)).toEqual(expected)
      } finally {
        docker!(['rmi', '-f', IMAGE])
      }
    })
  })

  describe.skipIf(podman === undefined)('in podman', () => {
    it.each(['docker.tar', 'docker-gzip.tar', 'oci.tar', 'oci-plain.tar'])('loads from %s', (name) => {
      const apart = podmanApart(space.path('.'))
      const run = (...args: string[]) => podman!([...apart, ...args]).trim()
      try {
        expect(run('load', '-i', space.path(name))).toContain(IMAGE)
        expect(rowsOfDirectory(run('image', 'mount', IMAGE))).toEqual(expected)
      } finally {
        run('image', 'unmount', '--all')
        run('system', 'reset', '--force')
      }
    })
  })

  describe.skipIf(skopeo === undefined || umoci === undefined)('copied by skopeo, unpacked by umoci', () => {
    it.each([
      ['docker-archive:docker.tar', 'docker.tar'],
      ['docker-archive:docker-gzip.tar', 'docker-gzip.tar'],
      ['oci-archive:oci.tar', 'oci.tar'],
      ['oci-archive:oci-plain.tar', 'oci-plain.tar'],
      ['oci-archive:oci-docker-types.tar', 'oci-docker-types.tar'],
      ['oci:docker-layout', 'docker-layout'],
    ])('comes out of %s', (source, name) => {
      const copy = `copied-${name}`
      skopeo!(['copy', '--insecure-policy', source, `oci:${copy}:1`], { cwd: space.root })
      expect(unpacked(`${copy}:1`)).toEqual(expected)
    })
  })

  it.skipIf(umoci === undefined)('is unpacked by umoci from the layout as it was written', () => {
    expect(unpacked('oci-layout:1')).toEqual(expected)
  })

  function unpacked(image: string): Rows {
    const bundle = `bundle-${image.replaceAll(/\W/g, '-')}`
    umoci!(['raw', 'unpack', '--image', image, bundle], { cwd: space.root })
    return rowsOfDirectory(space.path(bundle))
  }

  /** What a container of the image would see, which is made and never started. */
  function dockerTree(run: Tool): Rows {
    const container = run(['create', IMAGE, '/none']).trim()
    try {
      run(['export', '-o', space.path('export.tar'), container])
    } finally {
      run(['rm', container])
    }
    return without(rowsOfTar(space.path('export.tar')), OF_CONTAINERS)
  }
})
