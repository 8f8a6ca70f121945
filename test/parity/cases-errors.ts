import type { ParityCase } from './parity-case.js'

const fails = (name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase => ({
  name: `fails: ${name}`,
  dockerfile,
  ...more,
})
const S = 'FROM scratch\n'
const RANDOM = {
  apart: { parts: ['message'], why: 'of equally near words BuildKit suggests any' },
} as const

/** Dockerfiles that fail: with what words, and which lines are shown. */
export const ERROR_CASES: readonly ParityCase[] = [
  fails('an unknown instruction', `${S}COPPY a /x\n`),
  fails('an unknown instruction that is near to two', `${S}RNU x\n`, RANDOM),
  fails('an unknown instruction that is near to none', `${S}FROBNICATE x\n`),
  fails('an unknown instruction in the first line', 'FORM scratch\nCOPY a /x\n'),
  fails('an unknown flag', `${S}COPY --chwon=1 a /x\n`, RANDOM),
  fails('an unknown flag of ADD', `${S}ADD --cheksum=sha256:0 a /x\n`),
  fails('an unknown flag that is near to none', `${S}COPY --zzzzzzzz a /x\n`),
  fails('a flag twice', `${S}COPY --chown=1 --chown=2 a /x\n`),
  fails('a flag without a value', `${S}COPY --chown a /x\n`),
  fails('a flag that is true or false', `${S}COPY --link=maybe a /x\n`),
  fails('a stage that is misspelt', `FROM scratch AS builder\nCOPY a /x\n${S}COPY --from=bulider /x /y\n`, {
    apart: { parts: ['message'], why: 'its BuildKit asked a registry that was not there' },
  }),
  fails('a target that is misspelt', 'FROM scratch AS builder\nCOPY a /x\n', {
    args: ['--target', 'bulider'],
  }),
  fails('a variable of FROM that is misspelt', 'ARG VERSION=1\nFROM $VERSOIN\nCOPY a /x\n'),
  fails('too few words', `${S}COPY a\n`),
  fails('no words', `${S}ENV\n`),
  fails('a name without a value', `${S}ENV a=1 b\n`),
  fails('an empty name', `${S}ENV =1\n`),
  fails('too many words', `${S}WORKDIR a b c\nUSER\n`),
  fails('no FROM', 'COPY a /x\nFROM scratch\n'),
  fails('only comments', '# nothing\n# here\n'),
  fails('an empty file', ''),
  fails('FROM with words too many', 'FROM scratch AS\n'),
  fails('a stage name that is none', 'FROM scratch AS 1x\nCOPY a /x\n'),
  fails('a name of an image that is none', 'FROM UPPER\nCOPY a /x\n'),
  fails('a missing source', `${S}ENV a=1\nCOPY missing /x\nENV b=2\n`),
  fails('a missing source in a folder', `${S}COPY d/missing /x\n`),
  fails('a missing source that is ignored', `${S}COPY a /x\n`, { ignore: 'b\na\n' }),
  fails('a missing source in an ignored folder', `${S}COPY d/f /x\n`, { ignore: '# all\nd\n' }),
  fails('a missing source in a stage', `FROM scratch AS s\nCOPY a /a\n${S}COPY --from=s /b /x\n`),
  fails('an instruction of many lines', `${S}ENV a=1\nCOPY missing \\\n  other \\\n  /x/\nENV b=2\n`, {
    apart: { parts: ['message'], why: 'of several missing sources we name the first, BuildKit any' },
  }),
  fails('a line far down', `${S}${'ENV a=1\n'.repeat(20)}COPY missing /x\n${'ENV b=1\n'.repeat(20)}`),
  fails('a here-document that does not end', `${S}COPY <<EOF /x\ntext\n`),
  fails('a here-document as a destination', `${S}COPY a <<EOF\nEOF\n`),
  fails('JSON of numbers', `${S}CMD [1, 2]\nENTRYPOINT ["a", 1]\n`),
  fails('a signal that is none', `${S}STOPSIGNAL SIGNOPE\n`),
  fails('a port that is none', `${S}EXPOSE abc\n`),
  fails('a duration that is none', `${S}HEALTHCHECK --interval=5 CMD x\n`),
  fails('a HEALTHCHECK of an unknown kind', `${S}HEALTHCHECK FOO x\n`),
  fails('a mode that is none', `${S}COPY --chmod=abc a /x\n`),
  fails('a mode that is no octal number', `${S}COPY --chmod=888 a /x\n`),
  fails('a checksum of a file', `${S}ADD --checksum=sha256:00 a /x\n`),
  fails('a URL for COPY', `${S}COPY https://example.org/x /x\n`),
  fails('a variable that is not set', `${S}ENV a=\${b:?is needed}\n`),
  fails('a substitution that is broken', `${S}ENV a=\${b\n`),
  fails('a modifier that is none', `${S}LABEL a=\${b:z}\n`),
  fails('a folder over a file', `${S}COPY a /x\nCOPY d /x\n`),
  fails('a file over a folder', `${S}COPY d /x/a\nCOPY a /x/\n`),
  fails('a folder through a file', `${S}COPY a /x\nWORKDIR /x/y\n`, {
    apart: { parts: ['message'], why: 'we say which folder cannot be made' },
  }),
  fails('an owner in an empty stage', `${S}COPY --chown=alice a /x\n`, {
    apart: { parts: ['message'], why: 'we name the user and the file that is missing' },
  }),
  fails(
    'a stage that comes later',
    `${S}COPY --from=late /a /x\nFROM scratch AS late\nCOPY a /a\nFROM scratch\nCOPY --from=0 / /\n`,
  ),
  fails('a number of a stage that is too large', `${S}COPY --from=5 /a /x\n`, {
    apart: { parts: ['excerpt'], why: 'BuildKit shows no line' },
  }),
  fails('stages that need each other', `FROM b AS a\nCOPY --from=b / /\nFROM a AS b\n`, {
    apart: { parts: ['message'], why: 'its BuildKit asked a registry that was not there' },
  }),
  fails('a directive twice', '# escape=`\n# escape=`\nFROM scratch\n', {
    apart: { parts: ['excerpt'], why: 'BuildKit shows the line before' },
  }),
  fails('an escape that is none', '# escape=x\nFROM scratch\n', {
    apart: { parts: ['excerpt'], why: 'BuildKit shows no line' },
  }),
  fails('a check that is none', '# check=foo=bar\nFROM scratch\n'),
  fails('a trigger of FROM', `${S}ONBUILD FROM scratch\n`),
  fails('a trigger that is unknown', `FROM scratch AS a\nONBUILD COPPY a b\nFROM a\nCOPY a /x\n`),
  fails('a trigger that fails', `FROM scratch AS a\nONBUILD COPY missing /x\nFROM a\nCOPY a /x\n`),
  fails('an ignore file that is broken', `${S}COPY a /x\n`, {
    ignore: 'a\n[\n',
    apart: { parts: ['message', 'excerpt'], why: 'we name the file, the line and the pattern' },
  }),
  fails('a platform that is none', 'FROM --platform=a/b/c/d scratch\nCOPY a /x\n', {
    apart: { parts: ['excerpt'], why: 'BuildKit shows it twice' },
  }),
]
