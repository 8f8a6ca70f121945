import type { ParityCase } from './parity-case.js'

const stages = (name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase => ({
  name: `stages: ${name}`,
  dockerfile: `${dockerfile}\n`,
  ...more,
})
const S = 'FROM scratch'
const ignores = (name: string, ignore: string, dockerfile = 'COPY . /x'): ParityCase => ({
  name: `ignore: ${name}`,
  dockerfile: `${S}\n${dockerfile}\n`,
  ignore,
})

/** Stages, triggers, named contexts, targets; and what ignore files leave of the context. */
export const STAGE_CASES: readonly ParityCase[] = [
  stages('by name in another case', `${S} AS Base\nCOPY a /x\n${S}\nCOPY --from=BASE /x /y`),
  stages('by number', `${S}\nCOPY a /x\n${S}\nCOPY b /x\n${S}\nCOPY --from=0 /x /y\nCOPY --from=1 /x /z`),
  stages('a name that is a number', `${S} AS 1\nCOPY a /x`),
  stages('the same name twice', `${S} AS s\nCOPY a /x\n${S} AS s\nCOPY b /x\n${S}\nCOPY --from=s /x /y`),
  stages('from a stage to come', `${S}\nCOPY --from=late /x /y\n${S} AS late\nCOPY a /x`),
  stages('from itself', `${S} AS me\nCOPY a /x\nCOPY --from=me /x /y`),
  stages('from a number that is too large', `${S}\nCOPY --from=7 /x /y`),
  stages(
    'a child of a child',
    `${S} AS a\nCOPY a /x\nENV A=1\n${'FROM a AS b'}\nCOPY b /y\nENV B=$A\nFROM b\nCOPY a /z\nENV C=$B`,
  ),
  stages(
    'siblings',
    `${S} AS a\nCOPY a /x\nFROM a AS b\nCOPY b /y\nFROM a AS c\nCOPY --from=b / /\nCOPY c.txt /z`,
  ),
  stages(
    'all that a child inherits',
    `${S} AS a\nENV A=1\nLABEL l=1\nWORKDIR /w\nUSER 5\nCMD ["c"]\nEXPOSE 1\nVOLUME /v\nSTOPSIGNAL 9\nSHELL ["/s"]\nFROM a\nCOPY a .\nCMD x`,
  ),
  stages('one that is not needed and could not be built', `${S} AS broken\nCOPY nothing /x\n${S}\nCOPY a /x`),
  stages('one that is not needed and has a RUN', `${S} AS run\nRUN false\n${S}\nCOPY a /x`),
  stages('a target', `${S} AS one\nCOPY a /x\n${S} AS two\nCOPY b /x`, { args: ['--target', 'one'] }),
  stages('a target in another case', `${S} AS One\nCOPY a /x\n${S} AS two\nCOPY b /x`, {
    args: ['--target', 'ONE'],
  }),
  stages('a target by number', `${S}\nCOPY a /x\n${S}\nCOPY b /x`, { args: ['--target', '0'] }),
  stages('a target that is missing', `${S} AS one\nCOPY a /x`, { args: ['--target', 'oen'] }),
  stages('a stage whose name is a variable', `ARG S=one\n${S} AS one\nCOPY a /x\nFROM $S\nCOPY b /y`),
  stages('a variable with a default in FROM', `FROM \${B:-scratch}\nCOPY a /x`),
  stages('a variable that is empty in FROM', `ARG B\nFROM $B\nCOPY a /x`),
  stages(
    'copies of links from a stage',
    `${S} AS s\nCOPY links /l\nCOPY d /a/d\n${S}\nCOPY --from=s /l /m\nCOPY --from=s /l/absolute /n\nCOPY --from=s /l/absolute/f /o`,
  ),
  stages(
    'copies by wildcard from a stage',
    `${S} AS s\nCOPY . /c\n${S}\nCOPY --from=s /c/*.txt /x/\nCOPY --from=s c/d* /y/`,
  ),
  stages(
    'copies from the root of a stage',
    `${S} AS s\nCOPY d /d\nWORKDIR /w\n${S}\nCOPY --from=s / /all\nCOPY --from=s . /dot/`,
  ),
  stages('a copy from an empty stage', `${S} AS s\n${S}\nCOPY --from=s / /x`),
  stages(
    'ONBUILD in a child',
    `${S} AS a\nCOPY a /x\nONBUILD COPY b /y\nONBUILD ENV K=1\nFROM a\nENV L=$K\nCOPY c.txt /z`,
  ),
  stages(
    'ONBUILD in a grandchild',
    `${S} AS a\nONBUILD COPY b /y\nFROM a AS b\nCOPY a /x\nFROM b\nCOPY c.txt /z`,
  ),
  stages(
    'ONBUILD WORKDIR and USER',
    `${S} AS a\nONBUILD WORKDIR /w\nONBUILD USER 3\nFROM a\nCOPY a .\nWORKDIR v`,
  ),
  stages('ONBUILD with a variable', `${S} AS a\nARG V=1\nONBUILD ARG V=2\nONBUILD LABEL v=$V\nFROM a`),
  stages('ONBUILD of a here-document', `${S} AS a\nONBUILD COPY <<EOF /y\ntext $V\nEOF\nFROM a`),
  stages('ONBUILD COPY --from', `${S} AS o\nCOPY a /o\n${S} AS a\nONBUILD COPY --from=o /o /p\nFROM a`),
  stages('ONBUILD of ONBUILD', `${S}\nONBUILD ONBUILD COPY a /x`),
  stages('ONBUILD of FROM', `${S}\nONBUILD FROM scratch`),
  stages('a named context', `${S}\nCOPY --from=ctx f /x\nCOPY --from=ctx . /y/`, {
    args: ['--build-context', 'ctx=@context/d'],
  }),
  stages('a named context in place of a stage', `${S} AS s\nCOPY a /x\n${S}\nCOPY --from=s /f /y`, {
    args: ['--build-context', 's=@context/d'],
  }),
  stages('a named context with an ignore file', `${S}\nCOPY --from=ctx . /y/`, {
    args: ['--build-context', 'ctx=@context/n'],
    files: { 'n/.dockerignore': 'drop\n', 'n/drop': 'x', 'n/keep': 'y' },
  }),
  stages('a base image in place of a name', 'FROM alpine:3\nCOPY a /x', {
    args: ['--build-context', 'alpine:3=@base'],
  }),
  stages('a base image by its full name', 'FROM alpine\nCOPY a /x', {
    args: ['--build-context', 'docker.io/library/alpine:latest=@base'],
  }),
  stages('another Dockerfile', `${S}\nCOPY a /x`, {
    args: ['-f', '@context/other.df'],
    files: { 'other.df': `${S}\nCOPY b /other\n` },
  }),
  stages('another Dockerfile with its ignore file', `${S}\nCOPY a /x`, {
    args: ['-f', '@context/other.df'],
    files: { 'other.df': `${S}\nCOPY . /other\n`, 'other.df.dockerignore': 'd\n*.t*\n' },
    ignore: 'e\n',
  }),
  stages('an ignore file beside the Dockerfile', `${S}\nCOPY . /x`, {
    files: { 'Dockerfile.dockerignore': 'links\nd\n' },
    ignore: 'e\n',
  }),
  stages('a Dockerfile in a folder', `${S}\nCOPY a /x`, {
    args: ['-f', '@context/sub/df'],
    files: { 'sub/df': `${S}\nCOPY sub /s\n` },
  }),
  ignores('names and folders', 'a\nd\nlinks/\n/e/h\n'),
  ignores('wildcards', '*.txt\n?\nd/*\nm*/s*\n'),
  ignores('any depth', '**/f\n**/sub\n'),
  ignores('everything but', '*\n!a\n!d/sub\n!*.txt\n'),
  ignores('an exception of an exception', 'd\n!d/sub\nd/sub/g\n'),
  ignores('the last line wins', '!a\na\nb\n!b\n'),
  ignores('comments, blanks and dots', '# a\n\n   b   \n./c.txt\nd/../e\n/\n'),
  ignores('a comment with blanks before it', '  # not a comment\na\n'),
  ignores('a name with a hash', '\\#x\n[odd]\n\\[odd\\]\n'),
  ignores('all by dots', '.\n'),
  ignores('everything', '**\n'),
  ignores('everything and one folder', '**\n!d\n'),
  ignores('a folder and what is in it', 'd/**\n!d/sub/**\n'),
  ignores('a folder that arrives empty', 'd/*\nhard/**\n'),
  ignores('classes', '[ab]\n[^c]?\nd/[a-f]\n'),
  ignores('a line that is broken', '[\n'),
  ignores('an exclamation mark alone', '!\n'),
  ignores('lines of Windows', 'a\r\nd\r\n'),
  ignores('a byte order mark', '\ufeffa\nb\n'),
  ignores('itself and the Dockerfile', 'Dockerfile\n.dockerignore\n'),
  ignores('itself by wildcard', '*ocker*\n'),
  ignores('a missing source', 'a\n', 'COPY a /x'),
  ignores('a source in an excluded folder', 'd\n', 'COPY d/f /x'),
  ignores('a source that comes back', 'd\n!d/f\n', 'COPY d/f /x\nCOPY d /y'),
  ignores('a wildcard over what is excluded', '*.txt\n', 'COPY *.txt /x/'),
  ignores('a link to what is excluded', 'a\n', 'COPY links/to-a /x'),
  ignores('what is excluded is a link', 'links/to-a\n', 'COPY links /x'),
  ignores('one name of two', 'hard/one\n', 'COPY hard /x'),
]
