import type { ParityCase } from './parity-case.js'

const config = (name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase => ({
  name: `config: ${name}`,
  dockerfile: `FROM scratch\n${dockerfile}\n`,
  ...more,
})
const HEALTH = {
  apart: { parts: ['history', 'manifest'], why: 'its history text was corrected in Dockerfile 1.23' },
} as const
const BASE = ['--build-context', 'base=@base']
const onBase = (name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase => ({
  name: `on a base image: ${name}`,
  dockerfile: `FROM base\n${dockerfile}\n`,
  args: BASE,
  ...more,
})

/** What instructions do to the config and to the history, on nothing and on a base image. */
export const CONFIG_CASES: readonly ParityCase[] = [
  { name: 'config: nothing', dockerfile: 'FROM scratch\n' },
  config('CMD in both forms', 'CMD ["a", "b c"]\nCMD  run  "this" $here'),
  config('CMD that is empty', 'CMD ["a"]\nCMD []'),
  config('CMD that is no JSON', 'CMD [\'a\', "b"]'),
  config('CMD with what JSON escapes', 'CMD ["<a>", "\\u0041", "é", "\\"", "\\n"]'),
  config('CMD over lines', 'CMD a \\\n   b \\\n   && c'),
  config('ENTRYPOINT keeps a CMD of its stage', 'CMD ["c"]\nENTRYPOINT ["e"]'),
  config('ENTRYPOINT that is empty', 'CMD ["c"]\nENTRYPOINT []'),
  config(
    'SHELL',
    'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nCMD a\nENTRYPOINT b\nHEALTHCHECK CMD c',
    HEALTH,
  ),
  config('SHELL that is no JSON', 'SHELL /bin/sh -c'),
  config('EXPOSE', 'EXPOSE 80 443/TCP 53/udp 9/sctp\nEXPOSE 80\nEXPOSE 8000-8003/udp 0 65535'),
  config('EXPOSE of a host port', 'EXPOSE 127.0.0.1:80:8080 1000:2000'),
  config('EXPOSE of a range to a range', 'EXPOSE 1000-1002:2000-2002'),
  config('EXPOSE of what is no port', 'EXPOSE 70000'),
  config('EXPOSE of an unknown protocol', 'EXPOSE 80/xyz'),
  config('EXPOSE of a range upside down', 'EXPOSE 90-80'),
  config('VOLUME', 'VOLUME /a /b /a\nVOLUME ["/c d", "/e"]\nVOLUME f /a/../g'),
  config('VOLUME that is empty', 'VOLUME [""]'),
  config('VOLUME and files below', 'VOLUME /x\nCOPY d /x'),
  config('USER', 'USER a\nUSER 1:2\nUSER "b c"\nUSER x:y:z'),
  config('STOPSIGNAL', 'STOPSIGNAL SIGTERM\nSTOPSIGNAL kill\nSTOPSIGNAL 15\nSTOPSIGNAL SIGRTMIN+3'),
  config('STOPSIGNAL that is none', 'STOPSIGNAL SIGFOO'),
  config(
    'HEALTHCHECK in all its flags',
    'HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=1h --start-interval=2s --retries=7 CMD ["a", "b"]',
    HEALTH,
  ),
  config('HEALTHCHECK of a shell', 'HEALTHCHECK CMD a b\nHEALTHCHECK NONE', HEALTH),
  config('HEALTHCHECK too often', 'HEALTHCHECK --interval=1us CMD a'),
  config('HEALTHCHECK with negative retries', 'HEALTHCHECK --retries=-1 CMD a'),
  config('MAINTAINER', 'MAINTAINER A <a@example.org>\nMAINTAINER "B"'),
  config(
    'ONBUILD',
    'ONBUILD ENV a=1\nONBUILD COPY a /x\nONBUILD RUN echo "$x" \\\n  more\nONBUILD COPY <<EOF /y\ntext\nEOF',
  ),
  config(
    'all of it',
    'LABEL a=b\nENV c=d\nCOPY a /x\nARG e=f\nWORKDIR /g\nUSER h\nCMD ["i"]\nEXPOSE 1\nVOLUME /j\nCOPY b /k\nSTOPSIGNAL 9\nENTRYPOINT l',
  ),
  config('a layer first, then none, then one', 'COPY a /x\nENV a=1\nENV b=2\nCOPY b /y\nENV c=3'),
  config('a copy of nothing', 'ENV a=1\nCOPY no* /x/\nENV b=2'),
  config('WORKDIR of the root', 'WORKDIR /\nENV a=1'),
  config('a platform', 'COPY a /x', { dockerfile: 'FROM --platform=linux/arm64 scratch\nCOPY a /x\n' }),
  config('instructions in lower case', 'env a=1\ncopy a /x\nCmd ["x"]', {
    dockerfile: 'from scratch as X\nenv a=1\ncopy a /x\nCmd ["x"]\n',
  }),
  onBase('as it is', ''),
  onBase('metadata', 'ENV BASE=2 X=$BASE\nLABEL of=child more=1\nEXPOSE 90'),
  onBase('ENTRYPOINT clears its CMD', 'ENTRYPOINT ["e"]'),
  onBase('CMD and ENTRYPOINT', 'CMD ["c"]\nENTRYPOINT ["e"]'),
  onBase('its working directory', 'COPY a .\nWORKDIR sub\nCOPY b .'),
  onBase('a file over a file', 'COPY a /srv/file\nCOPY a /srv/old'),
  onBase('a folder into a folder', 'COPY d /srv'),
  onBase('through its links', 'COPY a /bin/a\nCOPY b /var/run/b\nCOPY d /bin/'),
  onBase('over a link', 'COPY links /x\nCOPY a /var/run'),
  onBase('over one of two names', 'COPY a /usr/bin/twin'),
  onBase('over a file with a capability', 'COPY a /usr/bin/capable'),
  onBase('to where a file was removed', 'COPY a /var/gone'),
  onBase('WORKDIR there and below', 'WORKDIR /srv\nWORKDIR /tmp/a/b\nWORKDIR /bin/x'),
  onBase('copied from', '', { dockerfile: 'FROM scratch\nCOPY --from=base / /\n' }),
  onBase('a part of it', '', {
    dockerfile:
      'FROM scratch\nCOPY --from=base /usr/bin /b\nCOPY --from=base /srv/ /etc/passwd /c/\nCOPY --from=base /var/run /d\n',
  }),
  onBase('what is gone', '', { dockerfile: 'FROM scratch\nCOPY --from=base /var/gone /x\n' }),
  onBase('into itself', 'COPY --from=base /srv /srv\nCOPY --from=base / /'),
  onBase('into itself with an owner', 'COPY --from=base --chown=1 /srv /srv'),
  onBase('its capability in a copy', '', {
    dockerfile:
      'FROM scratch\nCOPY --from=base /usr/bin/capable /x\nCOPY --from=base --chmod=700 /usr/bin/capable /y\n',
  }),
  onBase('--link', 'COPY --link a /srv/\nCOPY --link b /bin/b\nENV X=1'),
  onBase('an older epoch than its layers', 'COPY a /srv/a', { epoch: 1_420_000_000 }),
  onBase('in two stages', 'COPY a /x\nFROM base\nCOPY --from=0 /x /y\nCOPY --from=0 /srv /z'),
]
