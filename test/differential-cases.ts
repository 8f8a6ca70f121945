/** One idea each: a Dockerfile, and what beside the usual context it needs. */
export interface DifferentialCase {
  readonly name: string
  readonly dockerfile: string
  readonly args?: readonly string[]
  readonly ignore?: string
  /** Both must refuse it. */
  readonly fails?: true
  /** Where the reference for this version of Dockerfiles wins over the older BuildKit: what is not compared, and why. */
  readonly apart?: {
    readonly parts: readonly ('outcome' | 'layers' | 'config' | 'history')[]
    readonly why: string
  }
}

const PASSWD = 'COPY etc /etc\n'

export const DIFFERENTIAL_CASES: readonly DifferentialCase[] = [
  { name: 'a file to a name', dockerfile: 'COPY a /b' },
  { name: 'a file to a folder', dockerfile: 'COPY a /b/' },
  { name: 'a file to folders that are missing', dockerfile: 'COPY a /x/y/z/w' },
  { name: 'a file to where a folder is', dockerfile: 'COPY d /x\nCOPY a /x' },
  { name: 'a file over a folder of its name', dockerfile: 'COPY d /x/a\nCOPY a /x/', fails: true },
  { name: 'a folder over a file', dockerfile: 'COPY a /x\nCOPY d /x', fails: true },
  { name: 'a folder', dockerfile: 'COPY d /x' },
  { name: 'a folder with a slash', dockerfile: 'COPY d/ /x' },
  { name: 'a folder and a dot', dockerfile: 'COPY d/. /x' },
  { name: 'a folder into a folder that exists', dockerfile: 'COPY e /x\nCOPY d /x' },
  { name: 'folders of other modes into each other', dockerfile: 'COPY modes /x\nCOPY d /x' },
  { name: 'the whole context', dockerfile: 'COPY . /' },
  { name: 'the context into a folder', dockerfile: 'COPY . /all/' },
  { name: 'an empty folder', dockerfile: 'COPY empty /x' },
  { name: 'a folder with an empty folder', dockerfile: 'COPY modes /x' },
  { name: 'several files', dockerfile: 'COPY a b /x/' },
  { name: 'files and folders', dockerfile: 'COPY a d b /x/' },
  { name: 'several to a name without a slash', dockerfile: 'COPY a b /x' },
  { name: 'a wildcard', dockerfile: 'COPY *.txt /x/' },
  { name: 'a wildcard for folders', dockerfile: 'COPY [de] /x/' },
  { name: 'a wildcard in the middle', dockerfile: 'COPY */f /x/' },
  { name: 'a wildcard without a match', dockerfile: 'COPY a no* /x/' },
  { name: 'only a wildcard without a match', dockerfile: 'COPY no* /x/' },
  { name: 'a file that is missing', dockerfile: 'COPY missing /x', fails: true },
  { name: 'a path that leads out', dockerfile: 'COPY ../a /x' },
  { name: 'names with blanks', dockerfile: 'COPY ["with blank", "/to here/"]' },
  { name: 'a link, followed when named', dockerfile: 'COPY links/to-a /x' },
  { name: 'a link to a folder, followed when named', dockerfile: 'COPY links/to-d /x' },
  { name: 'links in a folder, kept', dockerfile: 'COPY links /x' },
  { name: 'a link that leads nowhere', dockerfile: 'COPY links/dangling /x', fails: true },
  { name: 'links by a wildcard', dockerfile: 'COPY links/to-* /x/' },
  { name: 'hard links', dockerfile: 'COPY hard /x' },
  { name: 'hard links as two sources', dockerfile: 'COPY hard/one hard/two /x/' },
  { name: 'modes with special bits', dockerfile: 'COPY modes /m\nCOPY modes/suid /other' },
  { name: 'an owner by number', dockerfile: 'COPY --chown=12 a d /x/' },
  { name: 'an owner and a group', dockerfile: 'COPY --chown=12:34 d /x/y' },
  { name: 'a group alone', dockerfile: `${PASSWD}COPY --chown=:staff a /x/` },
  { name: 'an owner by name', dockerfile: `${PASSWD}COPY --chown=alice a /x/` },
  { name: 'an owner and a group by name', dockerfile: `${PASSWD}COPY --chown=alice:staff d /x/` },
  { name: 'an owner who is unknown', dockerfile: `${PASSWD}COPY --chown=nobody-knows a /x/` },
  { name: 'an owner in an empty stage', dockerfile: 'COPY --chown=alice a /x/', fails: true },
  {
    name: 'a mode',
    dockerfile: 'COPY --chmod=640 d /x/y',
    apart: { parts: ['layers'], why: 'folders that are made get an octal mode too: BuildKit after 0.13' },
  },
  {
    name: 'a mode with special bits',
    dockerfile: 'COPY --chmod=4750 a /x/y',
    apart: { parts: ['layers'], why: 'folders that are made get an octal mode too: BuildKit after 0.13' },
  },
  {
    name: 'a mode and links',
    dockerfile: 'COPY --chmod=600 links /x',
    apart: { parts: ['layers'], why: 'folders that are made get an octal mode too: BuildKit after 0.13' },
  },
  {
    name: 'a mode that is none',
    dockerfile: 'COPY --chmod=999 a /x',
    fails: true,
    apart: { parts: ['outcome'], why: 'BuildKit 0.13 takes digits that are not octal' },
  },
  { name: 'WORKDIR', dockerfile: 'WORKDIR /w' },
  { name: 'WORKDIR, deep and relative', dockerfile: 'WORKDIR /w/x\nWORKDIR y\nCOPY a .' },
  { name: 'WORKDIR that exists', dockerfile: 'COPY d /w\nWORKDIR /w' },
  { name: 'WORKDIR of a user', dockerfile: `${PASSWD}USER alice\nWORKDIR /w/x` },
  { name: 'WORKDIR of a number', dockerfile: 'USER 5:6\nWORKDIR /w' },
  { name: 'WORKDIR of a user and a group by number', dockerfile: `${PASSWD}USER alice:9\nWORKDIR /w` },
  { name: 'WORKDIR over a file', dockerfile: 'COPY a /w\nWORKDIR /w', fails: true },
  { name: 'WORKDIR through a link', dockerfile: 'COPY links/ /l/\nCOPY d /a/d\nWORKDIR /l/absolute/new' },
  { name: 'WORKDIR /', dockerfile: 'WORKDIR /\nCOPY a .' },
  { name: 'a destination through a link', dockerfile: 'COPY links /l\nCOPY d /a/d\nCOPY a /l/absolute/z' },
  { name: 'a destination that is a link to a file', dockerfile: 'COPY links/ /\nCOPY b /file-link' },
  { name: 'a destination that is a dangling link', dockerfile: 'COPY links/ /l/\nCOPY b /l/dangling' },
  { name: 'a destination with dots', dockerfile: 'WORKDIR /p/q\nCOPY a ../r/./s' },
  { name: 'a destination out of the root', dockerfile: 'COPY a /../../x' },
  { name: 'a file from a stage', dockerfile: 'COPY --chown=7:8 d /d\nFROM scratch\nCOPY --from=0 /d/f /x' },
  {
    name: 'all from a stage',
    dockerfile: 'COPY --chown=7:8 . /d\nWORKDIR /w\nFROM scratch\nCOPY --from=0 / /',
  },
  { name: 'links of a stage', dockerfile: 'COPY . /\nFROM scratch\nCOPY --from=0 /links/to-d /x' },
  { name: 'a wildcard in a stage', dockerfile: 'COPY . /s\nFROM scratch\nCOPY --from=0 /s/*/f /s/?.txt /x/' },
  {
    name: 'an absent path of a stage',
    dockerfile: 'COPY a /\nFROM scratch\nCOPY --from=0 /b /x',
    fails: true,
  },
  {
    name: 'a stage from a stage',
    dockerfile: 'COPY a /a\nENV X=1\nFROM 0\nCOPY b /b\nENV Y=$X',
    fails: true,
  },
  { name: '--link', dockerfile: 'COPY d /x\nCOPY --link a b /x/' },
  { name: '--link with an owner', dockerfile: 'COPY --link --chown=3:4 d /x/y/' },
  {
    name: '--link over a link',
    dockerfile: 'COPY links /l\nCOPY --link a /l/absolute/',
    apart: { parts: ['layers'], why: 'this daemon has no merged snapshots, and copies as without --link' },
  },
  { name: 'a here-document', dockerfile: 'ARG V=value\nCOPY <<one <<"two" /x/\n$V\none\n$V\ntwo' },
  { name: 'a here-document to a name', dockerfile: 'COPY --chmod=755 <<EOF /x/run\n#!/bin/sh\nEOF' },
  { name: 'a here-document with tabs', dockerfile: 'COPY <<-EOF /x\n\t\ttabs\n\tEOF' },
  { name: 'ADD of a file', dockerfile: 'ADD a /x/' },
  { name: 'ADD of an archive', dockerfile: 'ADD archive.tar /x/' },
  {
    name: 'ADD of a compressed archive with an owner',
    dockerfile: 'ADD --chown=5:6 archive.tgz /x',
    apart: { parts: ['layers'], why: 'unpacked entries get the owner: BuildKit after 0.13' },
  },
  { name: 'ADD of an archive over what exists', dockerfile: 'COPY d /x/in\nADD archive.tar /x/' },
  { name: 'COPY of an archive', dockerfile: 'COPY archive.tar /x/' },
  { name: 'an ignore file', dockerfile: 'COPY . /x', ignore: '# no\nd\n!d/f\n*.txt\n**/sub\n' },
  { name: 'an ignored file', dockerfile: 'COPY a /x', ignore: 'a\n', fails: true },
  { name: 'an ignored Dockerfile', dockerfile: 'COPY . /x', ignore: 'Dockerfile\n.dockerignore\narchive*\n' },
  {
    name: 'ENV',
    dockerfile:
      'COPY b /z\nENV A=1 B="two words" C=$A\nENV D=${A:-x}$B PATH=/mine:$PATH\nENV A=again\nENV old form  here',
  },
  {
    name: 'ARG',
    dockerfile: 'COPY b /z\nARG A=1 B=$A\nARG C\nENV X=$A$B$C',
    args: ['--build-arg', 'C=c', '--build-arg', 'A=2'],
    apart: {
      parts: ['config', 'history'],
      why: 'an ARG sees those before it on its line: BuildKit after 0.13',
    },
  },
  {
    name: 'LABEL',
    dockerfile: 'COPY b /z\nLABEL b=2 a="x y" <c>=&\nLABEL a=z',
    args: ['--label', 'from=line', '--label', 'b=3'],
  },
  { name: 'CMD and ENTRYPOINT', dockerfile: 'COPY b /z\nCMD run "this" here\nENTRYPOINT ["/bin/x", "a b"]' },
  {
    name: 'ENTRYPOINT after CMD in a child',
    dockerfile: 'COPY b /z\nCMD ["x"]\nFROM stage0 AS y\nCMD ["y"]\nENTRYPOINT e',
  },
  { name: 'SHELL', dockerfile: 'COPY b /z\nSHELL ["/bin/bash", "-c"]\nCMD echo $HOME\nENTRYPOINT exec x' },
  {
    name: 'EXPOSE',
    dockerfile: 'COPY b /z\nEXPOSE 443 80/udp 8000-8002\nARG P=9\nEXPOSE $P 80',
    apart: { parts: ['history'], why: 'its history is a list of ports: BuildKit after 0.13' },
  },
  { name: 'VOLUME', dockerfile: 'COPY b /z\nVOLUME /b /a\nVOLUME ["/c d"]' },
  { name: 'USER', dockerfile: 'COPY b /z\nUSER a:b\nARG U=x\nUSER $U' },
  { name: 'STOPSIGNAL', dockerfile: 'COPY b /z\nSTOPSIGNAL SIGQUIT\nSTOPSIGNAL 9' },
  {
    name: 'HEALTHCHECK',
    dockerfile: 'COPY b /z\nHEALTHCHECK --interval=5m --timeout=3s --retries=2 CMD curl -f x',
    apart: {
      parts: ['history'],
      why: 'the text of its history was corrected in a later Dockerfile frontend',
    },
  },
  {
    name: 'HEALTHCHECK NONE',
    dockerfile: 'COPY b /z\nHEALTHCHECK NONE',
    apart: { parts: ['history'], why: 'as above' },
  },
  { name: 'MAINTAINER', dockerfile: 'COPY b /z\nMAINTAINER Some One <one@example.org>' },
  { name: 'ONBUILD', dockerfile: 'COPY b /z\nONBUILD COPY a /x\nONBUILD ENV K=v' },
  { name: 'ONBUILD that fires', dockerfile: 'ONBUILD COPY a /x\nONBUILD ENV K=v\nFROM stage0\nCOPY b /y' },
  {
    name: 'a target',
    dockerfile: 'COPY a /x\nFROM scratch AS late\nCOPY b /y',
    args: ['--target', 'stage0'],
  },
  { name: 'a target that is missing', dockerfile: 'COPY a /x', args: ['--target', 'nope'], fails: true },
  { name: 'a destination that ends in a dot', dockerfile: 'COPY a /x/.' },
  { name: 'a destination that is a dot', dockerfile: 'COPY a b .' },
  { name: 'a destination that is where it came from', dockerfile: 'WORKDIR /p\nCOPY a ..' },
  { name: 'a path through a link', dockerfile: 'COPY links/to-d/f /x' },
  { name: 'a wildcard below a link', dockerfile: 'COPY links/to-d/* /x/' },
  {
    name: 'a relative path of a stage',
    dockerfile: 'WORKDIR /w\nCOPY d d\nFROM scratch\nCOPY --from=0 w/d/ /x/',
  },
  {
    name: 'an owner for what a stage has',
    dockerfile: 'COPY . /\nFROM scratch\nCOPY --from=0 --chown=9 /modes /x',
  },
  {
    name: 'an owner and special bits',
    dockerfile: 'COPY --chown=5:6 modes /x\nCOPY --chown=7 modes/suid /y',
  },
  { name: 'a file over a link to nothing', dockerfile: 'COPY links /x\nCOPY over /x' },
  { name: 'a link over a file', dockerfile: 'COPY over /x\nCOPY links /x' },
  {
    name: 'a link over a link',
    dockerfile: 'COPY links /x\nCOPY links /x',
    apart: {
      parts: ['layers'],
      why: 'this daemon puts into a layer what was written again and did not change',
    },
  },
  {
    name: 'a folder over a link to a folder',
    dockerfile: 'COPY d /a/d\nCOPY tolink /x\nCOPY d /x',
    fails: true,
  },
  { name: 'a link over a folder', dockerfile: 'COPY d /x\nCOPY tolink /x', fails: true },
  { name: 'a file over one name of two', dockerfile: 'COPY hard /x\nCOPY a /x/one' },
  {
    name: 'a file over itself',
    dockerfile: 'COPY a /x\nCOPY a /x',
    apart: {
      parts: ['layers'],
      why: 'this daemon puts into a layer what was written again and did not change',
    },
  },
  {
    name: 'a folder over itself',
    dockerfile: 'COPY d /x\nCOPY d /x',
    apart: {
      parts: ['layers'],
      why: 'this daemon puts into a layer what was written again and did not change',
    },
  },
  {
    name: 'an empty folder over a folder',
    dockerfile: 'COPY d /x\nCOPY empty /x',
    apart: {
      parts: ['layers'],
      why: 'this daemon puts into a layer what was written again and did not change',
    },
  },
  { name: 'a folder by its parent', dockerfile: 'COPY d/sub/.. /x' },
  { name: 'a name with a bracket', dockerfile: 'COPY \\[odd\\] /x/\nCOPY ["[[]odd]", "/y"]' },
  { name: 'a name that is in the environment', dockerfile: 'ENV N=a D=/x/\nCOPY $N ${D}y' },
  { name: 'WORKDIR from the environment', dockerfile: 'ENV D=/x\nWORKDIR $D/y\nWORKDIR z/../w\nCOPY a .' },
  { name: 'WORKDIR without a slash', dockerfile: 'WORKDIR w\nCOPY a b/' },
  {
    name: 'a here-document into a folder',
    dockerfile: 'COPY d /x\nCOPY <<f /x\nnew\nf\nADD <<g /x/\nbody\ng',
  },
  { name: 'ADD of two archives', dockerfile: 'ADD archive.tar archive.tgz a /x/' },
  { name: 'ADD of an archive to a file', dockerfile: 'COPY a /x\nADD archive.tar /x', fails: true },
  {
    name: 'a child that changes its parent',
    dockerfile: 'COPY d /d\nENV A=1\nWORKDIR /w\nUSER 7\nFROM stage0\nCOPY a b\nENV A=$A.2\nWORKDIR /w',
  },
  {
    name: 'an ignore file with exceptions',
    dockerfile: 'COPY . /x',
    ignore: '*\n!d\nd/sub\n!links/to-*\n!*.txt\nn.txt\n',
  },
  {
    name: 'an ignore file of folders',
    dockerfile: 'COPY . /x',
    ignore: 'links/\n**/f\n!e/f\n/modes/su?d\nempty/**\n',
  },
  { name: 'an ignored parent of a named file', dockerfile: 'COPY d/f /x', ignore: 'd\n', fails: true },
  { name: 'nothing but metadata', dockerfile: 'COPY b /z\nLABEL a=b' },
  { name: 'an unknown instruction', dockerfile: 'COPY b /z\nCOPPY a /x', fails: true },
  { name: 'an unknown flag', dockerfile: 'COPY --speed=1 a /x', fails: true },
  { name: 'too few words', dockerfile: 'COPY a', fails: true },
]
