import type { RuleName } from './rules.js'

/** What the page of a rule says. */
export interface RuleText {
  /** Why the rule is there: one paragraph. */
  readonly why: string
  /** What it is about; a Dockerfile that the rule warns about, and no other rule does. */
  readonly bad: string
  /** The nearest one without a warning. */
  readonly good: string
  /** `.dockerignore` beside both. */
  readonly ignore?: string
}

/** The texts of the pages in docs/checks. Of no use to a build, which does not load them. */
export const RULE_TEXTS: Readonly<Record<RuleName, RuleText>> = {
  ConsistentInstructionCasing: {
    why: 'Keywords may be written in any case, and a reader looks for them by their shape. One case in the whole file makes the odd one out visible. What most instructions have is the standard; on a tie it is upper case. ARGs above the first FROM are not counted.',
    bad: 'FROM alpine\nrun apk add curl\nRUN apk add git\n',
    good: 'FROM alpine\nRUN apk add curl\nRUN apk add git\n',
  },
  CopyIgnoredFile: {
    why: 'A file that `.dockerignore` leaves out never becomes part of the build context, so copying it fails with "not found" although it is on the disk. An ignore file with exceptions (lines with `!`) is not judged: whether a file stays out then shows only when the context is read.',
    bad: 'FROM scratch\nCOPY .env /app/\n',
    good: 'FROM scratch\nCOPY settings.json /app/\n',
    ignore: '.env\n',
  },
  DuplicateStageName: {
    why: 'Of two stages with one name, `--target` and `COPY --from` mean the later one. The earlier one can be reached by its number alone, which is rarely what was meant. Names that differ only in case are the same name.',
    bad: 'FROM alpine AS build\nFROM alpine AS build\n',
    good: 'FROM alpine AS build\nFROM alpine AS test\n',
  },
  ExposeInvalidFormat: {
    why: 'EXPOSE notes the ports that a program listens on inside of its container. Which port of the host leads there is decided when the container is started (`docker run -p`), so an address or a second port in EXPOSE has no effect.',
    bad: 'FROM scratch\nEXPOSE 127.0.0.1:8080:80\n',
    good: 'FROM scratch\nEXPOSE 80\n',
  },
  ExposeProtoCasing: {
    why: 'Protocols are stored in lower case. A file that writes them so says what the image will hold.',
    bad: 'FROM scratch\nEXPOSE 53/UDP\n',
    good: 'FROM scratch\nEXPOSE 53/udp\n',
  },
  FromAsCasing: {
    why: '`FROM` and `AS` are two words of one instruction, and read as one when they have the same case.',
    bad: 'FROM alpine as build\n',
    good: 'FROM alpine AS build\n',
  },
  FromPlatformFlagConstDisallowed: {
    why: 'A fixed platform in FROM makes every build use it, whatever `--platform` asks for. Write a variable such as `$BUILDPLATFORM`, or leave the flag out and choose the platform on the command line. A stage that is meant for one platform says so by having the system or the architecture in its name, and is not reported.',
    bad: 'FROM --platform=linux/arm64 alpine AS tools\n',
    good: 'FROM --platform=linux/arm64 alpine AS tools-arm64\n',
  },
  InvalidBaseImagePlatform: {
    why: 'A name without an index of platforms stands for one image, which is taken as it is. When it was made for another system or architecture than the stage, its programs do not start there. Only images that are at hand can be judged.',
    bad: 'FROM example.com/tool:arm64-only\n',
    good: 'FROM example.com/tool:1\n',
  },
  InvalidDefaultArgInFrom: {
    why: 'Whoever builds without `--build-arg` should get an image. An ARG without a default, used in FROM, leaves a name that is empty or ends in a colon. Give the ARG a default, or write one where it is used: `${TAG:-3}`.',
    bad: 'ARG TAG\nFROM alpine:${TAG}\n',
    good: 'ARG TAG=3\nFROM alpine:${TAG}\n',
  },
  InvalidDefinitionDescription: {
    why: 'A comment right above FROM or ARG that begins with the name of the stage or the argument is its description, which `--call=outline` and `--call=targets` show. A comment in another form may be one that was meant to be a description. The rule is experimental: it is judged when the file asks for it. An empty comment (`#`) between the two keeps an ordinary comment apart.',
    bad: '# check=experimental=InvalidDefinitionDescription\n# the version of the tool\nARG VERSION=1\nFROM scratch\n',
    good: '# check=experimental=InvalidDefinitionDescription\n# VERSION of the tool\nARG VERSION=1\nFROM scratch\n',
  },
  JSONArgsRecommended: {
    why: 'A command written as text is run by a shell, which becomes process 1 of the container and passes no signals on: `docker stop` waits ten seconds and then kills. Written as a JSON list, the program itself is process 1. Who wants a shell chooses one with SHELL, and is not warned.',
    bad: 'FROM alpine\nCMD server --port 80\n',
    good: 'FROM alpine\nCMD ["server", "--port", "80"]\n',
  },
  LegacyKeyValueFormat: {
    why: 'In the old form without `=` the rest of the line is one value, spaces and equals signs included: `ENV A B=C` defines one variable. The form with `=` takes several pairs and quotes.',
    bad: 'FROM scratch\nENV HOME /home/app\n',
    good: 'FROM scratch\nENV HOME=/home/app\n',
  },
  MaintainerDeprecated: {
    why: 'MAINTAINER fills one field that few tools read. A label can be read by all of them, and the name that OCI gives it is `org.opencontainers.image.authors`.',
    bad: 'FROM scratch\nMAINTAINER Jo <jo@example.com>\n',
    good: 'FROM scratch\nLABEL org.opencontainers.image.authors="Jo <jo@example.com>"\n',
  },
  MultipleInstructionsDisallowed: {
    why: 'Of several CMDs, ENTRYPOINTs or HEALTHCHECKs in a stage only the last counts. The earlier one, which the warning points at, does nothing.',
    bad: 'FROM alpine\nCMD ["serve"]\nCMD ["serve", "--verbose"]\n',
    good: 'FROM alpine\nCMD ["serve", "--verbose"]\n',
  },
  NoEmptyContinuation: {
    why: 'An instruction goes on over an empty line after a line with a continuation mark, though it looks as if it ended there. BuildKit intends to refuse such files. A line with a comment may stand there instead.',
    bad: 'FROM alpine\nRUN apk add \\\n\n    curl\n',
    good: 'FROM alpine\nRUN apk add \\\n    # for the health check\n    curl\n',
  },
  NotPortable: {
    why: "Variables in `COPY --from` and in `from=` of a mount are replaced here, and BuildKit refuses them: `docker build` of this file fails. A stage that FROM gives a name to means the same to both. The rule is ours, not BuildKit's.",
    bad: 'ARG VERSION=3\nFROM scratch\nCOPY --from=alpine:$VERSION /etc/os-release /\n',
    good: 'ARG VERSION=3\nFROM alpine:$VERSION AS release\nFROM scratch\nCOPY --from=release /etc/os-release /\n',
  },
  RedundantTargetPlatform: {
    why: 'FROM takes the image for the platform that is built for anyway. The flag is of use with another value, such as `$BUILDPLATFORM` for a stage that compiles.',
    bad: 'FROM --platform=$TARGETPLATFORM alpine\n',
    good: 'FROM alpine\n',
  },
  ReservedStageName: {
    why: '`scratch` means the empty image and `context` the build context. A stage with such a name cannot be told apart from them.',
    bad: 'FROM alpine AS scratch\n',
    good: 'FROM alpine AS minimal\n',
  },
  SecretsUsedInArgOrEnv: {
    why: 'The values of ENV are part of the image and those of ARG of its history: whoever has the image can read them. Names that hold a word such as `token`, `password` or `key` are taken for secrets, unless they also hold `public`, `file` or `version`. A secret mount (`RUN --mount=type=secret`) leaves no trace.',
    bad: 'FROM scratch\nENV API_TOKEN=abc\n',
    good: 'FROM scratch\nENV API_TOKEN_FILE=/run/secrets/token\n',
  },
  StageNameCasing: {
    why: 'Names of stages are compared without regard to case, but FROM finds a stage by its name in lower case only. In lower case throughout a name means the same everywhere.',
    bad: 'FROM alpine AS Build\n',
    good: 'FROM alpine AS build\n',
  },
  UndefinedArgInFrom: {
    why: 'FROM sees the ARGs above the first FROM, and those that every build has, such as `BUILDPLATFORM`. Any other name is empty there, even when a build argument of that name is given.',
    bad: 'ARG VERSION=3\nFROM alpine:${VERSON:-3}\n',
    good: 'ARG VERSION=3\nFROM alpine:${VERSION:-3}\n',
  },
  UndefinedVar: {
    why: 'A variable that neither ENV nor ARG of the stage nor the base image defines is replaced by nothing. An ARG above the first FROM counts only after `ARG NAME` in the stage. Text that a shell reads at run time (RUN, CMD) is not judged, and on top of an image that is not at hand nothing is.',
    bad: 'FROM scratch\nARG VERSION=1\nCOPY app-$VERSOIN.tar /\n',
    good: 'FROM scratch\nARG VERSION=1\nCOPY app-$VERSION.tar /\n',
  },
  WorkdirRelativePath: {
    why: 'A relative WORKDIR is joined to the one of the base image, and moves when a new version of that image has another. One absolute WORKDIR before it settles the matter.',
    bad: 'FROM scratch\nWORKDIR app\n',
    good: 'FROM scratch\nWORKDIR /app\n',
  },
}
