import { BUILD_FLAGS, ISOLATION } from './build-flags.js'
import { REGISTRY_COMMANDS } from './registry-commands.js'
import type { CommandSpec, FlagSpec } from './spec.js'
import { note, unlessOff } from './verdicts.js'

const JSON_OR_TABLE: FlagSpec = {
  name: 'format',
  kind: 'text',
  value: 'table|json',
  choices: ['table', 'json'],
  summary: 'table, or json: one object a line',
}
const NO_TRUNC: FlagSpec = {
  name: 'no-trunc',
  kind: 'boolean',
  summary: 'Show identifiers and texts in full',
}

const PLATFORM: FlagSpec = {
  name: 'platform',
  kind: 'text',
  value: 'OS/ARCH',
  summary: 'Of an image for several platforms, the one for this one (default: that of this machine)',
}

/** The table of commands: what is parsed, explained, completed and documented is read from here and nowhere else. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'build',
    operands: '[PATH…] or -',
    arity: [0, 10_000],
    complete: 'directory',
    summary: 'Build an image from a Dockerfile',
    description: [
      'PATH is the folder of the context (default: the working directory). - reads stdin: a tar archive is the context; any other text is a Dockerfile that is built without a context.',
      'PATH may be a git repository as well, https://host/x.git#ref:subdir or git@host:x, or the URL of a tar archive or of a Dockerfile.',
      "Several PATHs, or a pattern in quotes such as 'services/*/', build one image each, in turn. So does a pattern in --file: each Dockerfile it matches is built with its own folder as the context, unless a PATH is given. {name} in --tag, --output, --iidfile and --metadata-file stands for the name of the build: the folder of the Dockerfile, or the rest of the file's name where it is called NAME.Dockerfile or Dockerfile.NAME.",
      'The image is kept in the store, under its --tag or by its ID. --output writes it elsewhere: the store then keeps it only when it has a --tag and goes to more than registries. SOURCE_DATE_EPOCH of the environment becomes the time of all that the build makes: seconds since 1970, context for the time of a git repository or archive, or the name of a --build-context or stage that has one.',
    ],
    examples: [
      { command: 'cooper build -t app:1 .', does: 'build ./Dockerfile and name the image app:1' },
      {
        command: 'cooper build -o type=docker,dest=- . | docker load',
        does: 'hand the image to a docker daemon',
      },
      { command: 'cooper build -o type=oci,dest=app.tar .', does: 'write an OCI archive' },
      { command: "cooper build -t 'acme/{name}:1' 'services/*/'", does: 'build every folder below services' },
    ],
    flags: BUILD_FLAGS,
  },
  {
    name: 'run',
    operands: '[-- COMMAND…]',
    arity: [0, 10_000],
    summary: 'Look into the last RUN that failed',
    description: [
      'With --last-failed, runs a shell, or COMMAND, in the files of the last RUN that failed, with its user, directory and variables. It runs where the step ran, unless --isolation says otherwise. What that had mounted (caches, secrets, the context) is not there, and no proxy is set. What is changed stays for the next time, and becomes part of no image. It ends with the exit code of the shell or COMMAND, as docker run does: 127 when there is no such program, 126 when it cannot be run.',
    ],
    examples: [
      { command: 'cooper run --last-failed', does: 'a shell in the files as the step left them' },
      {
        command: 'cooper run --last-failed --before -- make -n',
        does: 'a command in the files that the step found',
      },
    ],
    flags: [
      {
        name: 'last-failed',
        kind: 'boolean',
        summary: 'The last RUN that failed in a build with this store',
      },
      {
        name: 'before',
        kind: 'boolean',
        summary: 'The files as they were when the step started, instead of as it left them',
      },
      ISOLATION,
    ],
  },
  ...REGISTRY_COMMANDS,
  {
    name: 'images',
    operands: '[NAME[:TAG]]',
    arity: [0, 1],
    summary: 'List the images of the store',
    description: [],
    examples: [{ command: 'cooper images --format json', does: 'one JSON object for each name' }],
    flags: [
      JSON_OR_TABLE,
      NO_TRUNC,
      { name: 'digests', kind: 'boolean', summary: 'Show the digests of the manifests' },
      { name: 'quiet', short: 'q', kind: 'boolean', summary: 'Show only image IDs' },
    ],
  },
  {
    name: 'inspect',
    operands: 'IMAGE…',
    arity: [1, 10_000],
    summary: 'Show everything known of an image, as JSON',
    description: ['IMAGE is a name, or an image ID or its first characters.'],
    examples: [{ command: 'cooper inspect app:1', does: 'its config, layers, names and size' }],
    flags: [
      {
        name: 'format',
        kind: 'text',
        value: 'json',
        choices: ['json'],
        summary: 'json: the whole answer on one line',
      },
      PLATFORM,
    ],
  },
  {
    name: 'history',
    operands: 'IMAGE',
    arity: [1, 1],
    summary: 'Show the steps that an image is made of',
    description: [],
    examples: [{ command: 'cooper history --no-trunc app:1', does: 'every step with its whole text' }],
    flags: [
      JSON_OR_TABLE,
      NO_TRUNC,
      PLATFORM,
      { name: 'human', short: 'H', kind: 'boolean', summary: 'Sizes and times for people (default true)' },
      { name: 'quiet', short: 'q', kind: 'boolean', summary: 'Show only image IDs' },
    ],
  },
  {
    name: 'commit',
    operands: 'FILES BASE',
    arity: [2, 2],
    complete: 'directory',
    summary: 'Make an image of changed files, on top of the one they came from',
    description: [
      'FILES is a folder with all files of the new image, or - for a tar archive on stdin. What differs from the image BASE becomes one layer. In a folder, what BASE has keeps its owner and what is new belongs to root; an archive says itself who owns what.',
    ],
    examples: [
      {
        command: 'cooper build -o files . && vi files/etc/motd && cooper commit -t app:2 files app:1',
        does: 'change a file of an image by hand',
      },
      {
        command: 'cooper commit -c \'CMD ["/app"]\' -t app:2 files app:1',
        does: 'change its config as well',
      },
    ],
    flags: [
      { name: 'tag', short: 't', kind: 'list', value: 'NAME[:TAG]', summary: 'Name of the image' },
      {
        name: 'change',
        short: 'c',
        kind: 'list',
        value: 'INSTRUCTION',
        summary:
          'Instruction that changes the config: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER and the like',
      },
      { name: 'message', short: 'm', kind: 'text', value: 'TEXT', summary: 'Comment in the history' },
      { name: 'author', short: 'a', kind: 'text', value: 'NAME', summary: 'Author of the image' },
    ],
  },
  {
    name: 'diff',
    operands: 'A B',
    arity: [2, 2],
    summary: 'List the paths at which two images differ',
    description: [
      'A and B are images, or digests of layers (diffIDs). A line begins with A for a path that only B has, D for one that only A has, C for one that differs, and says in what.',
    ],
    examples: [{ command: 'cooper diff app:1 app:2', does: 'what changed from one version to the next' }],
    flags: [
      { ...JSON_OR_TABLE, summary: 'table, or json: one object a line, with the facts of both sides' },
      { name: 'times', kind: 'boolean', summary: 'Also list paths of which the time alone differs' },
    ],
  },
  {
    name: 'tag',
    operands: 'IMAGE NAME[:TAG]',
    arity: [2, 2],
    summary: 'Give an image another name',
    description: [],
    examples: [{ command: 'cooper tag app:1 app:latest', does: 'the same image under two names' }],
    flags: [],
  },
  {
    name: 'rmi',
    operands: 'IMAGE…',
    arity: [1, 10_000],
    summary: 'Remove names of images',
    description: ['The bytes of an image without a name stay until cooper prune.'],
    examples: [{ command: 'cooper rmi app:1', does: 'forget the name app:1' }],
    flags: [
      {
        name: 'force',
        short: 'f',
        kind: 'boolean',
        summary: 'Remove all names of an ID; a missing image is no error',
      },
    ],
  },
  {
    name: 'save',
    operands: 'IMAGE…',
    arity: [1, 10_000],
    summary: 'Write images to an archive',
    description: ['A docker archive goes to stdout unless --output names a file.'],
    examples: [
      { command: 'cooper save app:1 | docker load', does: 'hand the image to a docker daemon' },
      { command: 'cooper save --type oci -o app.tar app:1', does: 'write an OCI archive' },
    ],
    flags: [
      {
        name: 'output',
        short: 'o',
        kind: 'text',
        value: 'FILE',
        complete: 'file',
        summary: 'Write to this file',
      },
      {
        name: 'type',
        kind: 'text',
        value: 'docker|oci',
        choices: ['docker', 'oci'],
        summary: 'Form of the archive (default docker)',
      },
      { ...PLATFORM, summary: 'Of an image for several platforms, only the one for this one (default: all)' },
    ],
  },
  {
    name: 'load',
    operands: '',
    arity: [0, 0],
    summary: 'Read images from an archive or a layout',
    description: [
      'Reads a docker archive or an OCI archive from stdin or --input, or the folder of an OCI layout.',
    ],
    examples: [
      { command: 'docker save alpine | cooper load', does: 'take an image over from a docker daemon' },
    ],
    flags: [
      {
        name: 'input',
        short: 'i',
        kind: 'text',
        value: 'FILE',
        complete: 'file',
        summary: 'Read this file or folder',
      },
      { name: 'quiet', short: 'q', kind: 'boolean', summary: 'Print nothing' },
    ],
  },
  {
    name: 'prune',
    operands: '',
    arity: [0, 0],
    summary: 'Remove what no image needs',
    description: [
      'Images with a name, and steps that builds may use again, stay. Safe beside running builds.',
    ],
    examples: [
      { command: 'cooper prune --dry-run', does: 'say what would go' },
      {
        command: 'cooper prune --grace 0s',
        does: 'also remove what is younger than an hour; running builds keep what they use',
      },
      {
        command: 'cooper prune --unused-for 0s --grace 0s',
        does: 'begin anew: forget every cached step, and the contents of all cache mounts, such as a broken one',
      },
    ],
    flags: [
      { ...JSON_OR_TABLE, summary: 'table, or json: one object' },
      { name: 'dry-run', kind: 'boolean', summary: 'Only say what would be removed' },
      {
        name: 'unused-for',
        kind: 'text',
        value: 'SPAN',
        summary:
          'Also forget cached steps, and contents of cache mounts, that no build used for so long, such as 7d',
      },
      { name: 'grace', kind: 'text', value: 'SPAN', summary: 'Spare what is younger than this (default 1h)' },
      {
        name: 'exclusive',
        kind: 'boolean',
        summary: 'Insist on being alone in the store: needed on a network file system',
      },
      {
        name: 'force',
        short: 'f',
        kind: 'boolean',
        summary: 'No effect: no question is asked',
        judge: unlessOff(note('no effect: no question is asked')),
      },
    ],
  },
  {
    name: 'doctor',
    operands: '',
    arity: [0, 0],
    summary: 'Show how RUN is served on this machine, and what is missing',
    description: [
      'Every executor is tried with a container that does nothing. The first that works and isolates is what RUN uses; of the others it says why they do not work, and the one thing to do about it.',
    ],
    examples: [{ command: 'cooper doctor --format json', does: 'the same for programs, as one object' }],
    flags: [
      {
        name: 'format',
        kind: 'text',
        value: 'text|json',
        choices: ['text', 'json'],
        summary: 'text, or json: one object',
      },
    ],
  },
  {
    name: 'completion',
    operands: 'bash|zsh|fish',
    arity: [1, 1],
    summary: 'Print a completion script for a shell',
    description: [],
    examples: [
      { command: 'source <(cooper completion bash)', does: 'complete in this bash' },
      {
        command: 'cooper completion fish > ~/.config/fish/completions/cooper.fish',
        does: 'complete in every fish',
      },
    ],
    flags: [],
  },
  {
    name: 'version',
    operands: '',
    arity: [0, 0],
    summary: 'Show the version',
    description: [],
    examples: [],
    flags: [JSON_OR_TABLE],
  },
]
