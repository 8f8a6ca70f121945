import { LATE, OLD, type ParityCase } from './parity-case.js'

const FILES: ParityCase['files'] = {
  'root/f': { content: 'of the root\n', mode: 0o755 },
  'root/sub/deep': { content: 'deep\n', mode: 0o640 },
  'root/sub': { directory: true, mode: 0o700 },
  'root/link': { link: 'f' },
  'root/hard': { hard: 'root/f' },
  'root/late': { content: 'late\n', mtime: LATE },
  'root/empty': { directory: true, mtime: OLD },
  'root/left-out': 'x',
  'root/.dockerignore': 'left-out\n',
  void: { directory: true },
}

/** A Dockerfile with the directory `root` under the name `dir`, and an empty one under `void`. */
const from = (name: string, dockerfile: string): ParityCase => ({
  name,
  dockerfile,
  files: FILES,
  args: ['--build-context', 'dir=@context/root', '--build-context', 'void=@context/void'],
})

/** FROM a named context that is a directory. */
export const DIRECTORY_CASES: readonly ParityCase[] = [
  from('alone', 'FROM dir\n'),
  from('with a tag', 'FROM dir:latest\nLABEL a=b\n'),
  from('an empty one', 'FROM void\n'),
  from('an empty one, and files', 'FROM void\nCOPY root/f /x\n'),
  from('metadata upon it', 'FROM dir\nENV A=b\nUSER 5\nVOLUME /v\nCMD ["x"]\n'),
  from(
    'files upon it',
    'FROM dir\nCOPY root/f /sub/x\nENV A=b\nWORKDIR made/here\nCOPY --chown=1:2 root/late .\n',
  ),
  from('files linked', 'FROM dir\nCOPY --link root/f /sub/x\n'),
  from('what it has is replaced', 'FROM dir\nCOPY root/late /f\nCOPY root/sub /\n'),
  from('a stage on another', 'FROM dir AS one\nWORKDIR /w\nFROM one\nCOPY root/f /sub/\nLABEL x=y\n'),
  from(
    'copied from',
    'FROM dir AS one\nLABEL a=b\nFROM scratch\nCOPY --from=one /sub /s\nCOPY --from=one / /all\n',
  ),
  from('in the place of a stage', 'FROM scratch AS dir\nCOPY nothing /\nFROM dir\nCOPY root/f /y\n'),
  from('in the place of the last stage', 'FROM scratch AS one\nCOPY root /\nFROM one AS dir\n'),
  from(
    'in the place of a stage, and copied from',
    'FROM scratch AS dir\nFROM dir AS two\nWORKDIR a\nCOPY --from=dir /f .\nFROM two\nENV A=b\n',
  ),
  from('a name of its own case', 'FROM DIR\n'),
]
