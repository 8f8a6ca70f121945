import type { ParityCase } from './parity-case.js'

const words = (name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase => ({
  name: `words: ${name}`,
  dockerfile: `FROM scratch\n${dockerfile}\n`,
  ...more,
})
const arg = (...given: string[]) => ({ args: given.flatMap((one) => ['--build-arg', one]) })

/** ENV, ARG and LABEL; expansion, scopes, and the texts that config and history make of them. */
export const WORD_CASES: readonly ParityCase[] = [
  words('ENV of one line sees the line before', 'ENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc'),
  words('ENV in the old form', 'ENV a  b   c\nENV d $a e\nENV f "g"'),
  words('ENV with quotes', `ENV a="x y" b='$a' c=x\\ y d="\\"" e='"' f=""`),
  words('ENV again in place', 'ENV A=1 B=2\nENV C=3 A=4'),
  words('ENV with odd names', 'ENV a.b=1 c-d=2 _=3 1=4 $x=5 e=f=g'),
  words('ENV without a value', 'ENV a= b=""'),
  words('ENV with characters that JSON escapes', 'ENV a="<&>" b="\\t\\\\" c="é" d="\u2028"'),
  words('ENV over lines', 'ENV a=1 \\\n  b=2 \\\n# a comment\n  c=3'),
  words('ENV whose name expands', 'ENV n=name\nENV $n=1 ${n}x=2'),
  words('PATH', 'ENV PATH=$PATH:/mine\nENV P=${PATH%:*}'),
  words(
    'defaults',
    'ENV s=set e=\nENV a=${s:-d} b=${e:-d} c=${e-d} d=${u:-d} f=${u-d} g=${s:+a} h=${e:+a} i=${e+a} j=${u+a}',
  ),
  words('what must be set', 'ENV a=${u:?tell me}'),
  words('what must be set and is', 'ENV s=1\nENV a=${s:?tell me} b=${s?x}'),
  words(
    'prefixes and suffixes',
    'ENV p=/a/b/c.tar.gz\nENV a=${p#*/} b=${p##*/} c=${p%.*} d=${p%%.*} e=${p#?a} f=${p%\\*}',
  ),
  words('replacement', 'ENV p=a/b/a\nENV a=${p/a/x} b=${p//a/x} c=${p//\\//-} d=${p/?/y} e=${p//a}'),
  words('nested', 'ENV a=1 b=2\nENV c=${u:-${b:-3}} d=${u:-$a$b} e="${u:-"x y"}"'),
  words('escaped dollars', 'ENV a=\\$b c=\\\\$b d="\\$b" e=\'$b\' f=$$ g=$'),
  words('a brace that is not closed', 'ENV a=${b'),
  words('a modifier that is none', 'ENV a=${b:x}'),
  words('ARG and its default', 'ARG a=1\nARG b\nENV x=$a$b'),
  words('ARG given', 'ARG a=1\nARG b\nENV x=$a$b', arg('a=2', 'b=3')),
  words('ARG given empty', 'ARG a=1\nENV x=${a:-empty} y=${a-unset}', arg('a=')),
  words('ARG of one line sees those before', 'ARG a=1 b=$a c=$b$a\nENV x=$c'),
  words('ARG before FROM', '', {
    dockerfile: 'ARG A=1\nARG B=scratch\nFROM $B\nENV x=$A\nARG A\nENV y=$A\nARG A=2\nENV z=$A\n',
  }),
  words('ARG before FROM given', '', {
    dockerfile: 'ARG A=1\nFROM scratch\nARG A\nENV y=$A\n',
    ...arg('A=9'),
  }),
  words('ARG in another stage', '', {
    dockerfile: 'FROM scratch AS a\nARG A=1\nENV x=$A\nFROM scratch\nENV y=$A\nFROM a\nENV z=$A\n',
  }),
  words('ARG of a parent stage', '', {
    dockerfile: 'FROM scratch AS a\nARG A=1\nFROM a\nENV z=$A\nCOPY a /$A\n',
  }),
  words('ARG after ENV', 'ENV a=env\nARG a=arg\nENV x=$a', arg('a=given')),
  words('ENV after ARG', 'ARG a=arg\nENV a=env\nENV x=$a', arg('a=given')),
  words('ARG with quotes', `ARG a="x y" b='$z' c\nENV x=$a$b`),
  words(
    'the platform',
    'ARG TARGETPLATFORM\nARG TARGETOS TARGETARCH TARGETVARIANT\nENV x=$TARGETPLATFORM y=$TARGETOS-$TARGETARCH-$TARGETVARIANT',
  ),
  words('the platform in another name', 'ARG TARGETARCH=mine\nENV x=$TARGETARCH'),
  words('a proxy', 'ARG HTTP_PROXY\nENV x=$HTTP_PROXY', arg('HTTP_PROXY=http://proxy:1')),
  words('the epoch as an ARG', 'ARG SOURCE_DATE_EPOCH\nENV x=$SOURCE_DATE_EPOCH'),
  words('LABEL', 'LABEL a=1 "b c"="d e" f=\'g h\'\nLABEL a=2 i="j\\\nk"\nLABEL l m n'),
  words('LABEL that expands', 'ARG V=1\nENV N=name\nLABEL v=$V ${N}=x "q$V"="$N" s=\'$V\''),
  words('LABEL of the command line', 'LABEL a=1 b=2', {
    args: ['--label', 'b=3', '--label', 'c=d e', '--label', 'f'],
  }),
  words('LABEL with characters that JSON escapes', 'LABEL a="<&>\\"" b=é'),
  words(
    'words in COPY',
    'ENV D=/dir S=a\nARG T=d\nCOPY $S ${T}/f ${D}/\nCOPY "$S" \'/single$S\'\nCOPY [ "${S}", "$D/list" ]',
  ),
  words('words in WORKDIR and USER', 'ENV D=/dir U=5\nWORKDIR $D/sub\nUSER $U:${U}6\nWORKDIR ${U:-x}'),
  words(
    'words in EXPOSE, VOLUME and STOPSIGNAL',
    'ENV P=80 Q="81 82" V=/v S=SIGINT\nEXPOSE $P ${Q} $P-83/udp\nVOLUME $V "$V/w"\nVOLUME ["$V/x"]\nSTOPSIGNAL $S',
  ),
  words(
    'no words in CMD, ENTRYPOINT, SHELL and HEALTHCHECK',
    'ENV A=1\nSHELL ["/bin/$A", "-c"]\nCMD echo $A\nENTRYPOINT ["$A"]\nHEALTHCHECK --interval=1s CMD echo $A',
    {
      apart: { parts: ['history', 'manifest'], why: 'its history text was corrected in Dockerfile 1.23' },
    },
  ),
  words(
    'here-documents expand',
    'ARG A=1\nENV B=two\nCOPY <<one <<"two" <<-three /x/\n$A ${B:-x} \\$A `x` "q"\none\n$A\ntwo\n\t\t$B\n\tthree',
  ),
  words(
    'here-documents with names of files',
    'COPY <<a.txt <<b.txt /x/\n1\na.txt\n2\nb.txt\nCOPY <<a.txt /y\n3\na.txt',
  ),
  words('a here-document and files', 'COPY a <<b.txt d/f /x/\n1\nb.txt'),
  words('a here-document that is empty', 'COPY <<EOF /x\nEOF'),
  words(
    'a here-document with an owner and a mode',
    'COPY --chown=1:2 --chmod=750 <<EOF /x/y\n#!/bin/sh\nEOF',
  ),
  words('a here-document over lines of Windows', 'COPY <<EOF /x\r\na\r\nb\r\nEOF\r\nCOPY a /y'),
  words('a here-document of the same name over a file', 'COPY a /x/EOF\nCOPY <<EOF /x/\na\nEOF'),
  words('ADD of a here-document', 'ADD <<EOF /x/\ntext\nEOF'),
  words('lines of Windows', 'ENV a=1\r\nCOPY a /x\r\nLABEL b="c"\r'),
  words('an escape that is a backtick', '', {
    dockerfile: '# escape=`\nFROM scratch\nENV a=x`\n  b=y\nENV c="`$a" d=C:\\dir\nCOPY a `\n  /x\n',
  }),
  words('comments and blanks', '  # indented\n\n  ENV a=1\n\tENV b=2\n#ENV c=3\nENV d=4 # five'),
  words('a byte order mark', '', { dockerfile: '\ufeffFROM scratch\nENV a=1\n' }),
  words('bytes that are not UTF-8', '', {
    dockerfile: Buffer.from('FROM scratch\nENV a=\xe9\nLABEL b="\xff"\n', 'latin1'),
  }),
]
