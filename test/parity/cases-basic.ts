import type { ParityCase } from './parity-case.js'

const PASSWD = 'COPY etc /etc\n'
const HEALTH = {
  parts: ['history', 'manifest'],
  why: 'its history text was corrected in Dockerfile 1.23',
} as const

/** One feature each, on the context that all cases share. */
export const BASIC_CASES: readonly ParityCase[] = [
  { name: 'a file to a name', dockerfile: 'FROM scratch AS stage0\nCOPY a /b' },
  { name: 'a file to a folder', dockerfile: 'FROM scratch AS stage0\nCOPY a /b/' },
  { name: 'a file to folders that are missing', dockerfile: 'FROM scratch AS stage0\nCOPY a /x/y/z/w' },
  { name: 'a file to where a folder is', dockerfile: 'FROM scratch AS stage0\nCOPY d /x\nCOPY a /x' },
  { name: 'a file over a folder of its name', dockerfile: 'FROM scratch AS stage0\nCOPY d /x/a\nCOPY a /x/' },
  { name: 'a folder over a file', dockerfile: 'FROM scratch AS stage0\nCOPY a /x\nCOPY d /x' },
  { name: 'a folder', dockerfile: 'FROM scratch AS stage0\nCOPY d /x' },
  { name: 'a folder with a slash', dockerfile: 'FROM scratch AS stage0\nCOPY d/ /x' },
  { name: 'a folder and a dot', dockerfile: 'FROM scratch AS stage0\nCOPY d/. /x' },
  { name: 'a folder into a folder that exists', dockerfile: 'FROM scratch AS stage0\nCOPY e /x\nCOPY d /x' },
  {
    name: 'folders of other modes into each other',
    dockerfile: 'FROM scratch AS stage0\nCOPY modes /x\nCOPY d /x',
  },
  { name: 'the whole context', dockerfile: 'FROM scratch AS stage0\nCOPY . /' },
  { name: 'the context into a folder', dockerfile: 'FROM scratch AS stage0\nCOPY . /all/' },
  { name: 'an empty folder', dockerfile: 'FROM scratch AS stage0\nCOPY empty /x' },
  { name: 'a folder with an empty folder', dockerfile: 'FROM scratch AS stage0\nCOPY modes /x' },
  { name: 'several files', dockerfile: 'FROM scratch AS stage0\nCOPY a b /x/' },
  { name: 'files and folders', dockerfile: 'FROM scratch AS stage0\nCOPY a d b /x/' },
  { name: 'several to a name without a slash', dockerfile: 'FROM scratch AS stage0\nCOPY a b /x' },
  { name: 'a wildcard', dockerfile: 'FROM scratch AS stage0\nCOPY *.txt /x/' },
  { name: 'a wildcard for folders', dockerfile: 'FROM scratch AS stage0\nCOPY [de] /x/' },
  { name: 'a wildcard in the middle', dockerfile: 'FROM scratch AS stage0\nCOPY */f /x/' },
  { name: 'a wildcard without a match', dockerfile: 'FROM scratch AS stage0\nCOPY a no* /x/' },
  { name: 'only a wildcard without a match', dockerfile: 'FROM scratch AS stage0\nCOPY no* /x/' },
  { name: 'a file that is missing', dockerfile: 'FROM scratch AS stage0\nCOPY missing /x' },
  { name: 'a path that leads out', dockerfile: 'FROM scratch AS stage0\nCOPY ../a /x' },
  { name: 'names with blanks', dockerfile: 'FROM scratch AS stage0\nCOPY ["with blank", "/to here/"]' },
  { name: 'a link, followed when named', dockerfile: 'FROM scratch AS stage0\nCOPY links/to-a /x' },
  {
    name: 'a link to a folder, followed when named',
    dockerfile: 'FROM scratch AS stage0\nCOPY links/to-d /x',
  },
  { name: 'links in a folder, kept', dockerfile: 'FROM scratch AS stage0\nCOPY links /x' },
  { name: 'a link that leads nowhere', dockerfile: 'FROM scratch AS stage0\nCOPY links/dangling /x' },
  { name: 'links by a wildcard', dockerfile: 'FROM scratch AS stage0\nCOPY links/to-* /x/' },
  { name: 'hard links', dockerfile: 'FROM scratch AS stage0\nCOPY hard /x' },
  { name: 'hard links as two sources', dockerfile: 'FROM scratch AS stage0\nCOPY hard/one hard/two /x/' },
  {
    name: 'modes with special bits',
    dockerfile: 'FROM scratch AS stage0\nCOPY modes /m\nCOPY modes/suid /other',
  },
  { name: 'an owner by number', dockerfile: 'FROM scratch AS stage0\nCOPY --chown=12 a d /x/' },
  { name: 'an owner and a group', dockerfile: 'FROM scratch AS stage0\nCOPY --chown=12:34 d /x/y' },
  { name: 'a group alone', dockerfile: `FROM scratch AS stage0\n${PASSWD}COPY --chown=:staff a /x/` },
  { name: 'an owner by name', dockerfile: `FROM scratch AS stage0\n${PASSWD}COPY --chown=alice a /x/` },
  {
    name: 'an owner and a group by name',
    dockerfile: `FROM scratch AS stage0\n${PASSWD}COPY --chown=alice:staff d /x/`,
  },
  {
    name: 'an owner who is unknown',
    dockerfile: `FROM scratch AS stage0\n${PASSWD}COPY --chown=nobody-knows a /x/`,
  },
  { name: 'an owner in an empty stage', dockerfile: 'FROM scratch AS stage0\nCOPY --chown=alice a /x/' },
  {
    name: 'a mode',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chmod=640 d /x/y',
  },
  {
    name: 'a mode with special bits',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chmod=4750 a /x/y',
  },
  {
    name: 'a mode and links',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chmod=600 links /x',
  },
  {
    name: 'a mode that is none',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chmod=999 a /x',
  },
  { name: 'WORKDIR', dockerfile: 'FROM scratch AS stage0\nWORKDIR /w' },
  {
    name: 'WORKDIR, deep and relative',
    dockerfile: 'FROM scratch AS stage0\nWORKDIR /w/x\nWORKDIR y\nCOPY a .',
  },
  { name: 'WORKDIR that exists', dockerfile: 'FROM scratch AS stage0\nCOPY d /w\nWORKDIR /w' },
  { name: 'WORKDIR of a user', dockerfile: `FROM scratch AS stage0\n${PASSWD}USER alice\nWORKDIR /w/x` },
  { name: 'WORKDIR of a number', dockerfile: 'FROM scratch AS stage0\nUSER 5:6\nWORKDIR /w' },
  {
    name: 'WORKDIR of a user and a group by number',
    dockerfile: `FROM scratch AS stage0\n${PASSWD}USER alice:9\nWORKDIR /w`,
  },
  { name: 'WORKDIR over a file', dockerfile: 'FROM scratch AS stage0\nCOPY a /w\nWORKDIR /w' },
  {
    name: 'WORKDIR through a link',
    dockerfile: 'FROM scratch AS stage0\nCOPY links/ /l/\nCOPY d /a/d\nWORKDIR /l/absolute/new',
  },
  { name: 'WORKDIR /', dockerfile: 'FROM scratch AS stage0\nWORKDIR /\nCOPY a .' },
  {
    name: 'a destination through a link',
    dockerfile: 'FROM scratch AS stage0\nCOPY links /l\nCOPY d /a/d\nCOPY a /l/absolute/z',
  },
  {
    name: 'a destination that is a link to a file',
    dockerfile: 'FROM scratch AS stage0\nCOPY links/ /\nCOPY b /file-link',
  },
  {
    name: 'a destination that is a dangling link',
    dockerfile: 'FROM scratch AS stage0\nCOPY links/ /l/\nCOPY b /l/dangling',
  },
  { name: 'a destination with dots', dockerfile: 'FROM scratch AS stage0\nWORKDIR /p/q\nCOPY a ../r/./s' },
  { name: 'a destination out of the root', dockerfile: 'FROM scratch AS stage0\nCOPY a /../../x' },
  {
    name: 'a file from a stage',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chown=7:8 d /d\nFROM scratch\nCOPY --from=0 /d/f /x',
  },
  {
    name: 'all from a stage',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chown=7:8 . /d\nWORKDIR /w\nFROM scratch\nCOPY --from=0 / /',
  },
  {
    name: 'links of a stage',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /\nFROM scratch\nCOPY --from=0 /links/to-d /x',
  },
  {
    name: 'a wildcard in a stage',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /s\nFROM scratch\nCOPY --from=0 /s/*/f /s/?.txt /x/',
  },
  {
    name: 'an absent path of a stage',
    dockerfile: 'FROM scratch AS stage0\nCOPY a /\nFROM scratch\nCOPY --from=0 /b /x',
  },
  {
    name: 'a stage from a stage',
    dockerfile: 'FROM scratch AS stage0\nCOPY a /a\nENV X=1\nFROM 0\nCOPY b /b\nENV Y=$X',
  },
  { name: '--link', dockerfile: 'FROM scratch AS stage0\nCOPY d /x\nCOPY --link a b /x/' },
  { name: '--link with an owner', dockerfile: 'FROM scratch AS stage0\nCOPY --link --chown=3:4 d /x/y/' },
  {
    name: '--link over a link',
    dockerfile: 'FROM scratch AS stage0\nCOPY links /l\nCOPY --link a /l/absolute/',
  },
  {
    name: 'a here-document',
    dockerfile: 'FROM scratch AS stage0\nARG V=value\nCOPY <<one <<"two" /x/\n$V\none\n$V\ntwo',
  },
  {
    name: 'a here-document to a name',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chmod=755 <<EOF /x/run\n#!/bin/sh\nEOF',
  },
  {
    name: 'a here-document with tabs',
    dockerfile: 'FROM scratch AS stage0\nCOPY <<-EOF /x\n\t\ttabs\n\tEOF',
  },
  { name: 'ADD of a file', dockerfile: 'FROM scratch AS stage0\nADD a /x/' },
  { name: 'ADD of an archive', dockerfile: 'FROM scratch AS stage0\nADD archive.tar /x/' },
  {
    name: 'ADD of a compressed archive with an owner',
    dockerfile: 'FROM scratch AS stage0\nADD --chown=5:6 archive.tgz /x',
  },
  {
    name: 'ADD of an archive over what exists',
    dockerfile: 'FROM scratch AS stage0\nCOPY d /x/in\nADD archive.tar /x/',
  },
  { name: 'COPY of an archive', dockerfile: 'FROM scratch AS stage0\nCOPY archive.tar /x/' },
  {
    name: 'an ignore file',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /x',
    ignore: '# no\nd\n!d/f\n*.txt\n**/sub\n',
  },
  { name: 'an ignored file', dockerfile: 'FROM scratch AS stage0\nCOPY a /x', ignore: 'a\n' },
  {
    name: 'an ignored Dockerfile',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /x',
    ignore: 'Dockerfile\n.dockerignore\narchive*\n',
  },
  {
    name: 'ENV',
    dockerfile:
      'FROM scratch AS stage0\nCOPY b /z\nENV A=1 B="two words" C=$A\nENV D=${A:-x}$B PATH=/mine:$PATH\nENV A=again\nENV old form  here',
  },
  {
    name: 'ARG',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nARG A=1 B=$A\nARG C\nENV X=$A$B$C',
    args: ['--build-arg', 'C=c', '--build-arg', 'A=2'],
  },
  {
    name: 'LABEL',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nLABEL b=2 a="x y" <c>=&\nLABEL a=z',
    args: ['--label', 'from=line', '--label', 'b=3'],
  },
  {
    name: 'CMD and ENTRYPOINT',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nCMD run "this" here\nENTRYPOINT ["/bin/x", "a b"]',
  },
  {
    name: 'ENTRYPOINT after CMD in a child',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nCMD ["x"]\nFROM stage0 AS y\nCMD ["y"]\nENTRYPOINT e',
  },
  {
    name: 'SHELL',
    dockerfile:
      'FROM scratch AS stage0\nCOPY b /z\nSHELL ["/bin/bash", "-c"]\nCMD echo $HOME\nENTRYPOINT exec x',
  },
  {
    name: 'EXPOSE',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nEXPOSE 443 80/udp 8000-8002\nARG P=9\nEXPOSE $P 80',
  },
  { name: 'VOLUME', dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nVOLUME /b /a\nVOLUME ["/c d"]' },
  { name: 'USER', dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nUSER a:b\nARG U=x\nUSER $U' },
  { name: 'STOPSIGNAL', dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nSTOPSIGNAL SIGQUIT\nSTOPSIGNAL 9' },
  {
    name: 'HEALTHCHECK',
    dockerfile:
      'FROM scratch AS stage0\nCOPY b /z\nHEALTHCHECK --interval=5m --timeout=3s --retries=2 CMD curl -f x',
    apart: HEALTH,
  },
  {
    name: 'HEALTHCHECK NONE',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nHEALTHCHECK NONE',
    apart: HEALTH,
  },
  {
    name: 'MAINTAINER',
    dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nMAINTAINER Some One <one@example.org>',
  },
  { name: 'ONBUILD', dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nONBUILD COPY a /x\nONBUILD ENV K=v' },
  {
    name: 'ONBUILD that fires',
    dockerfile: 'FROM scratch AS stage0\nONBUILD COPY a /x\nONBUILD ENV K=v\nFROM stage0\nCOPY b /y',
  },
  {
    name: 'a target',
    dockerfile: 'FROM scratch AS stage0\nCOPY a /x\nFROM scratch AS late\nCOPY b /y',
    args: ['--target', 'stage0'],
  },
  {
    name: 'a target that is missing',
    dockerfile: 'FROM scratch AS stage0\nCOPY a /x',
    args: ['--target', 'nope'],
  },
  { name: 'a destination that ends in a dot', dockerfile: 'FROM scratch AS stage0\nCOPY a /x/.' },
  { name: 'a destination that is a dot', dockerfile: 'FROM scratch AS stage0\nCOPY a b .' },
  {
    name: 'a destination that is where it came from',
    dockerfile: 'FROM scratch AS stage0\nWORKDIR /p\nCOPY a ..',
  },
  { name: 'a path through a link', dockerfile: 'FROM scratch AS stage0\nCOPY links/to-d/f /x' },
  { name: 'a wildcard below a link', dockerfile: 'FROM scratch AS stage0\nCOPY links/to-d/* /x/' },
  {
    name: 'a relative path of a stage',
    dockerfile: 'FROM scratch AS stage0\nWORKDIR /w\nCOPY d d\nFROM scratch\nCOPY --from=0 w/d/ /x/',
  },
  {
    name: 'an owner for what a stage has',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /\nFROM scratch\nCOPY --from=0 --chown=9 /modes /x',
  },
  {
    name: 'an owner and special bits',
    dockerfile: 'FROM scratch AS stage0\nCOPY --chown=5:6 modes /x\nCOPY --chown=7 modes/suid /y',
  },
  {
    name: 'a file over a link to nothing',
    dockerfile: 'FROM scratch AS stage0\nCOPY links /x\nCOPY over /x',
  },
  { name: 'a link over a file', dockerfile: 'FROM scratch AS stage0\nCOPY over /x\nCOPY links /x' },
  {
    name: 'a link over a link',
    dockerfile: 'FROM scratch AS stage0\nCOPY links /x\nCOPY links /x',
  },
  {
    name: 'a folder over a link to a folder',
    dockerfile: 'FROM scratch AS stage0\nCOPY d /a/d\nCOPY tolink /x\nCOPY d /x',
  },
  { name: 'a link over a folder', dockerfile: 'FROM scratch AS stage0\nCOPY d /x\nCOPY tolink /x' },
  { name: 'a file over one name of two', dockerfile: 'FROM scratch AS stage0\nCOPY hard /x\nCOPY a /x/one' },
  { name: 'a file over itself', dockerfile: 'FROM scratch AS stage0\nCOPY a /x\nCOPY a /x' },
  { name: 'a folder over itself', dockerfile: 'FROM scratch AS stage0\nCOPY d /x\nCOPY d /x' },
  {
    name: 'an empty folder over a folder',
    dockerfile: 'FROM scratch AS stage0\nCOPY d /x\nCOPY empty /x',
  },
  { name: 'a folder by its parent', dockerfile: 'FROM scratch AS stage0\nCOPY d/sub/.. /x' },
  {
    name: 'a name with a bracket',
    dockerfile: 'FROM scratch AS stage0\nCOPY \\[odd\\] /x/\nCOPY ["[[]odd]", "/y"]',
  },
  {
    name: 'a name that is in the environment',
    dockerfile: 'FROM scratch AS stage0\nENV N=a D=/x/\nCOPY $N ${D}y',
  },
  {
    name: 'WORKDIR from the environment',
    dockerfile: 'FROM scratch AS stage0\nENV D=/x\nWORKDIR $D/y\nWORKDIR z/../w\nCOPY a .',
  },
  { name: 'WORKDIR without a slash', dockerfile: 'FROM scratch AS stage0\nWORKDIR w\nCOPY a b/' },
  {
    name: 'a here-document into a folder',
    dockerfile: 'FROM scratch AS stage0\nCOPY d /x\nCOPY <<f /x\nnew\nf\nADD <<g /x/\nbody\ng',
  },
  { name: 'ADD of two archives', dockerfile: 'FROM scratch AS stage0\nADD archive.tar archive.tgz a /x/' },
  {
    name: 'ADD of an archive to a file',
    dockerfile: 'FROM scratch AS stage0\nCOPY a /x\nADD archive.tar /x',
  },
  {
    name: 'a child that changes its parent',
    dockerfile:
      'FROM scratch AS stage0\nCOPY d /d\nENV A=1\nWORKDIR /w\nUSER 7\nFROM stage0\nCOPY a b\nENV A=$A.2\nWORKDIR /w',
  },
  {
    name: 'an ignore file with exceptions',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /x',
    ignore: '*\n!d\nd/sub\n!links/to-*\n!*.txt\nn.txt\n',
  },
  {
    name: 'an ignore file of folders',
    dockerfile: 'FROM scratch AS stage0\nCOPY . /x',
    ignore: 'links/\n**/f\n!e/f\n/modes/su?d\nempty/**\n',
  },
  {
    name: 'an ignored parent of a named file',
    dockerfile: 'FROM scratch AS stage0\nCOPY d/f /x',
    ignore: 'd\n',
  },
  { name: 'nothing but metadata', dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nLABEL a=b' },
  { name: 'an unknown instruction', dockerfile: 'FROM scratch AS stage0\nCOPY b /z\nCOPPY a /x' },
  { name: 'an unknown flag', dockerfile: 'FROM scratch AS stage0\nCOPY --speed=1 a /x' },
  { name: 'too few words', dockerfile: 'FROM scratch AS stage0\nCOPY a' },
]
