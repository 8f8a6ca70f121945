import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One bad input, by the number of its row in the list of bad inputs that a builder must survive. */
export interface BadInput {
  readonly row: number
  readonly name: string
  /** Text after `FROM scratch`, or with `whole` all of it. */
  readonly lines?: string
  readonly whole?: string | Uint8Array
  /** Files of the context beside the Dockerfile and `a`. */
  readonly files?: Readonly<Record<string, string | Uint8Array | undefined>>
  /** What else must be there; called with the folder of the case, whose context is `c`. */
  readonly prepare?: (folder: string) => void
  /** Default: `build -t bad:1 -o type=docker,dest=out.tar c`. `BUILD` stands for all that. */
  readonly args?: readonly string[]
  readonly stdin?: (folder: string) => Uint8Array
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Expected: an error code and the exit code, or for `ok` a build that succeeds and says this. */
  readonly code?: RegExp | string
  readonly exit?: number
  readonly ok?: RegExp | true
  readonly says?: RegExp | string
  /** Nothing is wrong with it: the others of its table are judged against it. */
  readonly loads?: true
}

export const BAD_DOCKERFILES: readonly BadInput[] = [
  { row: 1, name: 'an empty Dockerfile', whole: '', code: 'E_DF_EMPTY' },
  { row: 1, name: 'a Dockerfile of comments', whole: '# nothing\n\n# here\n', code: 'E_DF_EMPTY' },
  { row: 2, name: 'no FROM', whole: 'COPY a /\n', code: 'E_DF_NO_FROM', says: 'Dockerfile:1' },
  { row: 3, name: 'an unknown instruction', lines: 'RNU x', code: 'E_DF_UNKNOWN', says: 'RUN' },
  {
    row: 4,
    name: 'a here-document without an end',
    lines: 'COPY <<END /x\ntext',
    code: 'E_DF_HEREDOC',
    says: 'END',
  },
  { row: 5, name: 'a backslash at the end', lines: 'COPY a /x \\', ok: true },
  { row: 5, name: 'an empty line in a continuation', lines: 'COPY a \\\n\n /x', ok: /NoEmptyContinuation/ },
  { row: 6, name: 'JSON with single quotes', lines: "CMD ['a']", ok: /JSONArgsRecommended/ },
  {
    row: 7,
    name: 'two stages of one name',
    whole: 'FROM scratch AS a\nFROM scratch AS a\nCOPY a /\n',
    ok: /DuplicateStageName/,
  },
  {
    row: 7,
    name: 'stages that need each other',
    whole: 'FROM b AS a\nFROM a AS b\nCOPY --from=b / /\n',
    code: /^E_/,
  },
  { row: 8, name: 'a stage number that is not there', lines: 'COPY --from=9 / /', code: 'E_DF_STAGE_REF' },
  {
    row: 8,
    name: 'a later stage',
    whole: 'FROM scratch\nCOPY --from=late / /\nFROM scratch AS late\n',
    args: ['BUILD', '--target', '0'],
    code: /^E_/,
  },
  {
    row: 9,
    name: 'a variable that must be set',
    lines: 'ARG X\nENV A=${X:?needed}',
    code: 'E_DF_VAR',
    says: 'needed',
  },
  { row: 9, name: 'a bad substitution', lines: 'ENV A=${X', code: 'E_DF_VAR' },
  {
    row: 10,
    name: 'FROM with an unknown ARG',
    whole: 'FROM ${NONE}\n',
    code: 'E_DF_EMPTY_REF',
    says: 'NONE',
  },
  { row: 11, name: 'a zero byte', lines: 'ENV A=\0', code: 'E_DF_ENCODING', says: /byte|offset/ },
  { row: 11, name: 'UTF-16', whole: Buffer.from('\ufeffFROM scratch\n', 'utf16le'), code: 'E_DF_ENCODING' },
  { row: 11, name: 'a byte order mark and CRLF', whole: '\ufeffFROM scratch\r\nCOPY a /x\r\n', ok: true },
  { row: 12, name: 'a line of a megabyte', lines: `ENV A=${'x'.repeat(1 << 20)}`, code: 'E_LIMIT' },
  {
    row: 12,
    name: 'an ENV that doubles',
    lines: `ENV A=xxxxxxxx\n${'ENV A=$A$A\n'.repeat(60)}`,
    code: 'E_LIMIT',
  },
  {
    row: 12,
    name: 'a Dockerfile of 100 MB',
    whole: Buffer.concat([Buffer.from('FROM scratch\n'), Buffer.alloc(100 << 20, 'ENV A=1\n')]),
    code: 'E_LIMIT',
  },
  { row: 13, name: 'a frontend', whole: '# syntax=evil/frontend\nFROM scratch\nCOPY a /\n', ok: true },
  { row: 13, name: 'an escape that is none', whole: '# escape=x\nFROM scratch\n', code: 'E_DF_DIRECTIVE' },
  { row: 14, name: 'a user out of range', lines: 'USER 4294967296\nWORKDIR /x', code: 'E_USER_RANGE' },
  { row: 14, name: 'an owner out of range', lines: 'COPY --chown=4294967295 a /x', code: 'E_USER_RANGE' },
  { row: 15, name: 'a folder below /proc', lines: 'WORKDIR /proc/self/fd/8', code: 'E_WORKDIR_FORBIDDEN' },
  {
    row: 15,
    name: 'a folder below /proc by way of a link',
    lines: 'COPY l /\nWORKDIR /link/self',
    prepare: (folder) => {
      mkdirSync(join(folder, 'c/l'))
      symlinkSync('/proc', join(folder, 'c/l/link'))
    },
    code: 'E_WORKDIR_FORBIDDEN',
  },
  { row: 15, name: 'a port', lines: 'EXPOSE 99999/foo', code: 'E_DF_PORT' },
  { row: 15, name: 'a signal', lines: 'STOPSIGNAL SIGFOO', code: 'E_DF_SIGNAL' },
  { row: 16, name: 'a mode', lines: 'COPY --chmod=9999 a /x', code: 'E_DF_FLAG' },
  { row: 16, name: 'an unknown flag', lines: 'COPY --form=x a /x', code: 'E_DF_FLAG', says: '--from' },
  { row: 16, name: 'a mount', lines: 'RUN --mount=type=x true', code: 'E_DF_FLAG' },
  {
    row: 17,
    name: 'a checksum of another algorithm',
    lines: 'ADD --checksum=md5:00 https://example.invalid/x /x',
    code: 'E_CHECKSUM_ALGO',
  },
  {
    row: 17,
    name: 'a short checksum',
    lines: 'ADD --checksum=sha256:00 https://example.invalid/x /x',
    code: 'E_CHECKSUM_FORMAT',
  },
  {
    row: 18,
    name: 'a file where a folder is',
    lines: 'COPY d /x/a\nCOPY a /x/',
    files: { 'd/f': '' },
    code: 'E_COPY_DEST',
  },
  { row: 19, name: 'a negative interval', lines: 'HEALTHCHECK --interval=-1s CMD x', code: 'E_DF_DURATION' },
  {
    row: 21,
    name: 'a file that is absent',
    lines: 'COPY nothing /x',
    code: 'E_COPY_NOT_FOUND',
    says: 'Dockerfile:2',
  },
  {
    row: 21,
    name: 'a file that is ignored',
    lines: 'COPY a /x',
    files: { '.dockerignore': '# x\na\n' },
    code: 'E_COPY_NOT_FOUND',
    says: /line 2/,
  },
  { row: 22, name: 'a path that leads out', lines: 'COPY ../../a /x', ok: true },
  {
    row: 27,
    name: 'an ignore pattern that is none',
    files: { '.dockerignore': 'x\n[a-\n' },
    lines: 'COPY . /',
    code: 'E_IGNORE_PATTERN',
    says: /2/,
  },
  {
    row: 27,
    name: 'a lone exclamation mark',
    files: { '.dockerignore': '!\n' },
    lines: 'COPY . /',
    code: 'E_IGNORE_PATTERN',
  },
  {
    row: 27,
    name: 'a hundred thousand patterns',
    files: { '.dockerignore': Array.from({ length: 100_000 }, (_, n) => `${n}/x`).join('\n') },
    lines: 'COPY . /',
    ok: true,
  },
  {
    row: 27,
    name: 'patterns that look for trouble',
    files: {
      '.dockerignore': `${'**/'.repeat(60)}x\n${'*a'.repeat(60)}b\n`,
      [`${'b/'.repeat(60)}y`]: '',
      ['a'.repeat(200)]: '',
    },
    lines: 'COPY . /',
    ok: true,
  },
  { row: 51, name: 'a name of an image', whole: 'FROM upper/Case\n', code: 'E_DF_REF' },
  { row: 66, name: 'RUN without a shell', lines: 'RUN true', code: 'E_RUN', says: '/bin/sh' },
]

export const BAD_CONTEXTS: readonly BadInput[] = [
  {
    row: 20,
    name: 'a context that is missing',
    args: ['build', 'nowhere'],
    code: 'E_CTX_MISSING',
    says: 'nowhere',
  },
  { row: 20, name: 'a context that is a file', args: ['build', 'c/a'], code: 'E_CTX_NOT_DIR' },
  { row: 23, name: 'pipes, sockets and devices', lines: 'COPY . /x', prepare: special, ok: /fifo|pipe/ },
  { row: 26, name: 'names that are no text', lines: 'COPY . /x', prepare: oddNames, ok: true },
  {
    row: 28,
    name: 'a Dockerfile that is a link to outside',
    prepare: (folder) => replaceDockerfile(folder, (path) => symlinkSync('/etc/hostname', path)),
    code: 'E_CTX_OUTSIDE',
  },
  {
    row: 28,
    name: 'a Dockerfile that is a pipe',
    prepare: (folder) => replaceDockerfile(folder, (path) => execFileSync('mkfifo', [path])),
    code: /^E_CTX_NOT_FILE$|^E_DF_NOT_FILE$/,
  },
  {
    row: 28,
    name: 'a Dockerfile that is a folder',
    prepare: (folder) => replaceDockerfile(folder, (path) => mkdirSync(path)),
    code: 'E_CTX_NOT_FILE',
  },
  {
    row: 28,
    name: 'a Dockerfile that is ignored',
    files: { '.dockerignore': 'Dockerfile\n' },
    lines: 'COPY a /x',
    ok: true,
  },
  { row: 28, name: 'stdin twice', args: ['build', '-f', '-', '-'], code: 'E_CLI' },
]

const GARBAGE = 'something else\n'

export const BAD_LINES: readonly BadInput[] = [
  ...[
    'upper/Case',
    `x:${'t'.repeat(129)}`,
    'a@sha256:short',
    ':tag',
    'http://x',
    'x/',
    'ünicode',
    'n'.repeat(300),
  ].map(
    (tag): BadInput => ({
      row: 51,
      name: `the tag ${tag.slice(0, 20)}`,
      args: ['build', '-t', tag, '-o', 'type=docker,dest=out.tar', 'c'],
      code: 'E_REF',
    }),
  ),
  { row: 53, name: 'a store that is a file', args: ['BUILD', '--store', 'c/a'], code: /^E_STORE_/, exit: 2 },
  {
    row: 53,
    name: 'a store that anybody may write',
    prepare: (folder) => {
      mkdirSync(join(folder, 'open'))
      chmodSync(join(folder, 'open'), 0o777)
    },
    args: ['BUILD', '--store', 'open'],
    code: /^E_STORE_/,
    exit: 2,
  },
  {
    row: 54,
    name: 'a store of the future',
    prepare: (folder) => writeFileSync(join(made(folder, 'store'), 'VERSION'), '99\n'),
    args: ['BUILD', '--store', 'store'],
    code: 'E_STORE_VERSION',
    exit: 2,
  },
  {
    row: 54,
    name: 'a store with a VERSION that is none',
    prepare: (folder) => writeFileSync(join(made(folder, 'store'), 'VERSION'), GARBAGE),
    args: ['BUILD', '--store', 'store'],
    code: 'E_STORE_VERSION',
    exit: 2,
  },
  { row: 57, name: 'a name that is a path', args: ['inspect', '../../../etc/passwd'], code: /^E_/ },
  { row: 59, name: 'no HOME', env: { HOME: undefined }, code: 'E_HOME' },
  { row: 59, name: 'no TMPDIR', env: { TMPDIR: '/nowhere' }, ok: true },
  { row: 60, name: 'an unknown build argument', args: ['BUILD', '--build-arg', 'UNKNOWN=1'], ok: true },
  {
    row: 60,
    name: 'an argument that looks like a secret',
    lines: 'ARG MY_PASSWORD\nCOPY a /',
    ok: /SecretsUsedInArgOrEnv/,
  },
  { row: 61, name: 'a secret without an id', args: ['BUILD', '--secret', 'id='], code: 'E_SECRET_ID' },
  {
    row: 61,
    name: 'a secret that is not there',
    args: ['BUILD', '--secret', 'id=x,src=/nowhere'],
    code: 'E_SECRET_MISSING',
    says: '/nowhere',
  },
  {
    row: 61,
    name: 'a secret of a variable that is not set',
    args: ['BUILD', '--secret', 'id=x,env=COOPERAGE_NOT_SET'],
    code: 'E_SECRET_MISSING',
    says: 'COOPERAGE_NOT_SET',
  },
  {
    row: 61,
    name: 'a secret that is a folder',
    args: ['BUILD', '--secret', 'id=x,src=/'],
    code: 'E_SECRET_FILE',
  },
  {
    row: 61,
    name: 'a secret that is too large',
    args: ['BUILD', '--secret', 'id=x,src=/proc/self/exe'],
    code: 'E_SECRET_SIZE',
  },
  {
    row: 61,
    name: 'two secrets of one id',
    args: ['BUILD', '--secret', 'id=x,src=/etc/passwd', '--secret', 'id=x,src=/etc/group'],
    code: 'E_SECRET_TWICE',
  },
  { row: 62, name: 'a target', args: ['BUILD', '--target', 'nope'], code: /^E_/, says: 'nope' },
  {
    row: 62,
    name: 'a platform',
    args: ['BUILD', '--platform', 'linux/abc'],
    code: 'E_PLATFORM',
    says: 'amd64',
  },
  { row: 62, name: 'an output', args: ['build', '-o', 'type=x', 'c'], code: 'E_OUTPUT', says: 'docker, oci' },
  {
    row: 62,
    name: 'a folder as an output onto a file',
    args: ['build', '-o', 'c/a', 'c'],
    code: /^E_OUTPUT/,
  },
  {
    row: 62,
    name: 'an archive onto a folder',
    args: ['build', '-o', 'type=docker,dest=c', 'c'],
    code: 'E_OUTPUT_DIRECTORY',
  },
  {
    row: 62,
    name: 'an archive into a folder that is missing',
    args: ['build', '-o', 'type=docker,dest=no/out.tar', 'c'],
    code: 'E_OUTPUT_DIRECTORY',
  },
  { row: 64, name: 'a network', args: ['BUILD', '--network', 'foo'], code: 'E_CLI' },
  { row: 64, name: 'a limit', args: ['BUILD', '--ulimit', 'nofile=x'], code: 'E_CLI' },
  { row: 64, name: 'a flag that is not known', args: ['BUILD', '--step-timeout', '0'], code: 'E_CLI' },
]

function made(folder: string, name: string): string {
  mkdirSync(join(folder, name), { mode: 0o700 })
  return join(folder, name)
}

function replaceDockerfile(folder: string, make: (path: string) => void): void {
  const path = join(folder, 'c/Dockerfile')
  execFileSync('rm', [path])
  make(path)
}

function special(folder: string): void {
  execFileSync('mkfifo', [join(folder, 'c/pipe')])
  execFileSync(
    'python3',
    ['-c', 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])', 'c/socket'],
    { cwd: folder },
  )
}

function oddNames(folder: string): void {
  for (const name of ['\xff\xfe', 'new\nline', 'n'.repeat(255), 'trailing ']) {
    writeFileSync(Buffer.concat([Buffer.from(join(folder, 'c/')), Buffer.from(name, 'latin1')]), 'x')
  }
}
