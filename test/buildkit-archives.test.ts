import { chmodSync, linkSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RivalDaemon, rivalDaemon } from './rival-daemon.js'
import { rivalCommand } from './rival-tools.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

// With all that could differ fixed, an archive is BuildKit's to the last byte: layers, configs, manifests, the index,
// and the tar around them.

const space = workspace('buildkit-archives')
const EPOCH = 1_700_000_000
const FORM = 'type=oci,compression=uncompressed,rewrite-timestamp=true'

/** Without what newer frontends write into the history in another way than the one at hand. */
const DOCKERFILE = `FROM scratch AS base
COPY sub /x/
ADD archive.tar /unpacked/
FROM --platform=$BUILDPLATFORM scratch AS tool
COPY --chmod=755 a /bin/tool
FROM base
WORKDIR /work
ENV A=1 B="two words <&>"
COPY --from=tool /bin/ /usr/bin/
COPY --chown=5:6 . /all/
COPY --link a /linked/
COPY <<EOT /here/doc
hello $A
EOT
ADD a sub/b /two/
LABEL l=1
VOLUME /v
USER 5:6
WORKDIR rel
STOPSIGNAL 9
CMD ["x"]
`

function makeContext(): string {
  const root = space.folder('context', {
    Dockerfile: DOCKERFILE,
    a: 'a\n',
    'sub/b': 'b\n',
    'sub/deep/c': 'c\n',
  })
  writeFileSync(
    join(root, 'archive.tar'),
    tarOf([
      { name: 'in/', mode: 0o711, uid: 11, gid: 12, mtime: 1_600_000_000 },
      { name: 'in/file', content: 'in an archive\n', uid: 13, gid: 14, mtime: 1_800_000_000 },
      { name: 'in/link', type: 'symlink', linkname: 'file', mode: 0o777, mtime: 1_600_000_000 },
    ]),
  )
  symlinkSync('b', join(root, 'sub/link'))
  linkSync(join(root, 'a'), join(root, 'hard'))
  chmodSync(join(root, 'sub/b'), 0o4755)
  for (const path of ['a', 'sub/b', 'sub/deep/c', 'sub/deep', 'Dockerfile', 'archive.tar', '']) {
    utimesSync(join(root, path), 1_500_000_000, 1_500_000_000)
  }
  // Later than the epoch.
  utimesSync(join(root, 'sub'), 1_750_000_000, 1_750_000_000)
  return root
}

const SEVERAL = ['--platform', 'linux/amd64,linux/arm64,linux/arm/v6,linux/amd64/v2']
const annotate = (...annotations: readonly string[]) => annotations.flatMap((one) => ['--annotation', one])
const DOCKER_TYPES = 'oci-mediatypes=false'
const CASES: readonly { readonly name: string; readonly args: readonly string[]; readonly more?: string }[] =
  [
    { name: 'for one platform', args: ['--platform', 'linux/amd64'] },
    { name: 'with a name, in the media types of Docker', args: ['-t', 'x:1'], more: DOCKER_TYPES },
    { name: 'for several platforms, with two names', args: [...SEVERAL, '-t', 'x:1', '-t', 'example.org/y'] },
    { name: 'for several platforms, in the media types of Docker', args: SEVERAL, more: DOCKER_TYPES },
    {
      name: 'with annotations in every place',
      args: [
        ...SEVERAL,
        ...annotate('index:a=1', 'index-descriptor:b=2', 'manifest:c=3', 'manifest[linux/arm64]:c=4', 'd=5'),
        ...annotate('manifest-descriptor:e=6', 'manifest-descriptor[linux/amd64]:f=7'),
      ],
    },
    {
      name: 'whose annotations need the media types of OCI',
      args: [...SEVERAL, ...annotate('index:a=1')],
      more: DOCKER_TYPES,
    },
    {
      name: 'for one platform, with an annotation of its descriptor',
      args: annotate('manifest-descriptor:a=1'),
    },
    {
      name: 'for a platform that is named twice',
      args: ['--platform', 'linux/arm64,linux/amd64,linux/arm64/v8'],
    },
    { name: 'as an index of one', args: ['--build-arg', 'BUILDKIT_MULTI_PLATFORM=1'] },
    { name: 'of a stage', args: ['--target', 'base', '--platform', 'linux/s390x,linux/riscv64'] },
  ]

describe.skipIf(rivalCommand() === undefined)("an OCI archive is BuildKit's, byte for byte", () => {
  let daemon: RivalDaemon | undefined
  let context: string

  beforeAll(async () => {
    context = makeContext()
    daemon = await rivalDaemon()
  }, 60_000)
  afterAll(async () => {
    await daemon?.[Symbol.asyncDispose]()
  }, 60_000)

  it.each(CASES)('$name', async ({ name, args, more = 'oci-mediatypes=true' }) => {
    const theirs = space.path('theirs.tar')
    const ours = space.path('ours.tar')
    const build = (dest: string) => [...args, '-o', `${FORM},${more},dest=${dest}`, context]
    daemon!.docker(EPOCH)(['buildx', 'build', '--provenance=false', ...build(theirs)])
    const env = { SOURCE_DATE_EPOCH: String(EPOCH) }
    const { code, stderr } = await space.run(['build', ...build(ours)], { env })
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
    expect(readFileSync(ours).equals(readFileSync(theirs)), name).toBe(true)
  })
})
