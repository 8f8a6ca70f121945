import type { ParityCase } from './parity-case.js'
import { runCase } from './run-case.js'

const HEALTH = { parts: ['history'], why: 'the text of a health check has another form since' } as const

/** RUN among stages and other instructions. */
export const RUN_STAGE_CASES: readonly ParityCase[] = [
  runCase('VOLUME before: what is written stays', `VOLUME /v\nRUN echo a > /v/f`),
  runCase('VOLUME after', `RUN mkdir /v && echo a > /v/f\nVOLUME /v\nRUN cat /v/f > /x; echo b >> /v/f`),
  runCase('VOLUME is no mount', `VOLUME /v /w\nRUN grep -c ' /v ' /proc/mounts > /x; ls -d /v /w; true`),
  runCase(
    'VOLUME of a stage before',
    `FROM busybox AS a\nVOLUME /v\nRUN mkdir -p /v && echo a > /v/f\nFROM a\nRUN echo b > /v/g`,
  ),
  runCase('VOLUME: removed', `RUN mkdir /v && touch /v/f\nVOLUME ["/v"]\nRUN rm -r /v`),
  runCase('ONBUILD RUN', `FROM busybox AS a\nONBUILD RUN echo t > /t\nFROM a\nRUN cat /t > /u`),
  runCase(
    'ONBUILD RUN is kept for later',
    `ONBUILD RUN echo t > /t\nONBUILD RUN ["touch", "/u"]\nRUN ls /t || echo none > /x`,
  ),
  runCase(
    'ONBUILD of several sorts',
    `FROM busybox AS a\nONBUILD ARG A=1\nONBUILD ENV B=2\nONBUILD WORKDIR /w\nONBUILD COPY a .\nONBUILD RUN echo $A $B > x; pwd >> x\nFROM a\nRUN cat x > y`,
  ),
  runCase(
    'ONBUILD with a here-document',
    `FROM busybox AS a\nONBUILD RUN <<EOF\necho a > /a\necho $HOME > /b\nEOF\nFROM a\nRUN cat /a /b > /c`,
  ),
  runCase(
    'ONBUILD fires once',
    `FROM busybox AS a\nONBUILD RUN echo t >> /t\nFROM a AS b\nFROM b\nRUN cat /t > /u`,
  ),
  runCase(
    'ONBUILD with a user and a shell',
    `FROM busybox AS a\nUSER 1000\nSHELL ["/bin/sh", "-ec"]\nONBUILD RUN id -u > /tmp/t; echo $- >> /tmp/t\nFROM a`,
  ),
  runCase('ONBUILD that fails', `FROM busybox AS a\nONBUILD RUN false\nFROM a`),
  runCase(
    'ONBUILD with --mount of a stage of the child',
    `FROM busybox AS tools\nRUN echo tool > /tool\nFROM busybox AS a\nONBUILD RUN --mount=from=tools,target=/m cp /m/tool /x\nFROM a`,
  ),
  runCase(
    'stages: COPY --from of a step',
    `FROM busybox AS b\nRUN mkdir /o && echo a > /o/a && chmod 4750 /o/a && chown 5:6 /o/a && ln -s a /o/l && ln /o/a /o/h && mkfifo /o/p && chmod 700 /o\nFROM busybox\nCOPY --from=b /o /o\nRUN ls -ln /o | tr -s ' ' | cut -d' ' -f1,3,4,9 > /x`,
  ),
  runCase(
    'stages: COPY --from and owners',
    `FROM busybox AS b\nRUN mkdir /o && touch /o/a && chown -R 5:6 /o\nFROM busybox\nCOPY --from=b --chown=7:8 /o /o1\nCOPY --from=b --chmod=640 /o/a /o2\nUSER 9\nCOPY --from=b /o /o3`,
  ),
  runCase(
    'stages: COPY --from of a link',
    `FROM busybox AS b\nRUN mkdir /r && echo x > /r/f && ln -s r /l && ln -s /r/f /m\nFROM busybox\nCOPY --from=b /l /d\nCOPY --from=b /m /n\nCOPY --from=b /l/f /o`,
  ),
  runCase(
    'stages: COPY --from of devices',
    `FROM busybox AS b\nRUN mkdir /o && mknod /o/c c 1 3 && mkfifo /o/p\nFROM busybox\nCOPY --from=b /o /o`,
  ),
  runCase(
    'stages: COPY --from of what a step removed',
    `FROM busybox AS b\nRUN mkdir /o && touch /o/a /o/b\nRUN rm /o/a\nFROM busybox\nCOPY --from=b /o /o`,
  ),
  runCase(
    'stages: COPY --from of what a step removed, by name',
    `FROM busybox AS b\nRUN rm /etc/group\nFROM busybox\nCOPY --from=b /etc/group /x`,
  ),
  runCase(
    'stages: COPY --from with times',
    `FROM busybox AS b\nRUN mkdir /o && touch -d "2001-02-03 04:05:06" /o/a /o\nFROM busybox\nCOPY --from=b /o /o\nCOPY --from=b /o/a /a`,
  ),
  runCase(
    'stages: COPY --link of a step',
    `FROM busybox AS b\nRUN mkdir /o && echo a > /o/a\nFROM busybox\nCOPY --link --from=b /o /o\nRUN cat /o/a > /x`,
  ),
  runCase(
    'stages: COPY with wildcards of a step',
    `FROM busybox AS b\nRUN mkdir /o && touch /o/a1 /o/a2 /o/b1\nFROM busybox\nCOPY --from=b /o/a* /d/`,
  ),
  runCase(
    'stages: all of a stage into scratch',
    `FROM busybox AS b\nRUN mkdir /o && echo a > /o/a\nFROM scratch\nCOPY --from=b /o /`,
  ),
  runCase(
    'stages: a step in a child of scratch',
    `FROM scratch AS r\nCOPY --from=busybox /bin/busybox /bin/sh\nFROM r\nRUN echo a > /x`,
  ),
  runCase(
    'stages: from a stage',
    `FROM busybox AS a\nRUN echo a > /a\nENV A=1\nWORKDIR /w\nFROM a AS b\nRUN echo $A > b; pwd >> b\nFROM b\nRUN cat /a b > c; rm /a`,
  ),
  runCase(
    'stages: one that is not needed does not run',
    `FROM busybox AS no\nRUN false\nFROM busybox\nRUN touch /x`,
  ),
  runCase(
    'stages: one that is needed by a mount fails',
    `FROM busybox AS no\nRUN false\nFROM busybox\nRUN --mount=from=no,target=/m true`,
  ),
  runCase(
    'stages: one that is needed by COPY fails',
    `FROM busybox AS no\nRUN exit 4\nFROM busybox\nCOPY --from=no /etc/passwd /x`,
  ),
  runCase(
    'stages: a target',
    `FROM busybox AS one\nRUN echo 1 > /1\nFROM one AS two\nRUN echo 2 > /2\nFROM two\nRUN false`,
    { args: ['--target', 'two'] },
  ),
  runCase('stages: a target by number', `FROM busybox\nRUN echo 1 > /1\nFROM busybox\nRUN false`, {
    args: ['--target', '0'],
  }),
  runCase('stages: a target that is no stage', `FROM busybox AS one\nRUN echo 1 > /1`, {
    args: ['--target', 'oen'],
  }),
  runCase(
    'stages: the same step in two',
    `FROM busybox AS a\nRUN echo same > /x\nFROM busybox AS b\nRUN echo same > /x\nFROM busybox\nCOPY --from=a /x /a\nCOPY --from=b /x /b`,
  ),
  runCase(
    'stages: a diamond',
    `FROM busybox AS base\nRUN echo base > /base\nFROM base AS l\nRUN echo l > /l\nFROM base AS r\nRUN echo r > /r\nFROM base\nCOPY --from=l /l /l\nCOPY --from=r /r /r\nRUN cat /base /l /r > /x`,
  ),
  runCase(
    'metadata between steps',
    `LABEL a=b\nRUN touch /a\nEXPOSE 80\nRUN touch /b\nCMD ["x"]\nRUN touch /c\nENTRYPOINT ["y"]\nSTOPSIGNAL 9`,
  ),
  runCase(
    'ENTRYPOINT and CMD do not matter to a step',
    `ENTRYPOINT ["/bin/false"]\nCMD ["x"]\nRUN echo a > /x`,
  ),
  runCase('only metadata after a step', `RUN touch /a\nENV A=1\nLABEL b=c\nUSER 5\nWORKDIR /`),
  runCase('a step alone', `FROM busybox\nRUN touch /a`),
  runCase('many steps', `${Array.from({ length: 20 }, (_, n) => `RUN echo ${n} > /${n}`).join('\n')}`),
  runCase('steps without changes', `RUN true\nRUN :\nRUN cat /etc/passwd > /dev/null\nENV A=1\nRUN true`),
  runCase('a label from the line of command', `RUN touch /a`, { args: ['--label', 'a=b'] }),
  runCase(
    'EXPOSE and VOLUME of variables',
    `ARG P=80\nENV V=/v\nEXPOSE $P\nVOLUME $V\nRUN mkdir $V && echo $P > $V/p`,
  ),
  runCase('# check=skip=all', `# check=skip=all\nFROM busybox\nRUN echo a > /x`),
  runCase('# syntax', `# syntax=docker/dockerfile:1\nFROM busybox\nRUN echo a > /x`, {
    apart: {
      parts: ['outcome', 'history', 'config', 'layers'],
      why: 'the frontend it names must be fetched',
    },
  }),
  runCase(
    '--platform of the machine',
    `FROM --platform=$BUILDPLATFORM busybox AS b\nARG TARGETARCH\nRUN echo $TARGETARCH > /x\nFROM busybox\nCOPY --from=b /x /x`,
  ),
  runCase(
    'HEALTHCHECK with a shell',
    `SHELL ["/bin/sh", "-ec"]\nHEALTHCHECK --interval=5s CMD true\nRUN touch /a`,
    { apart: HEALTH },
  ),
  runCase('MAINTAINER', `MAINTAINER me\nRUN touch /a`),
  runCase(
    'COPY with a here-document, run',
    `COPY --chmod=755 <<EOF /p\n#!/bin/sh\necho $HOME > /x\nEOF\nRUN /p`,
  ),
  runCase(
    'COPY with a quoted here-document, run',
    `COPY --chmod=755 <<"EOF" /p\n#!/bin/sh\necho $HOME > /x\nEOF\nRUN ["/p"]`,
  ),
  runCase('a file that COPY made not executable', `COPY a /p\nRUN chmod +x /p; ls -l /p | cut -c1-10 > /x`),
]
