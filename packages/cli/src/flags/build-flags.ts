import { PROGRESS_MODES } from '../settings/modes.js'
import { LEGACY_FLAGS } from './legacy-flags.js'
import type { FlagSpec } from './spec.js'
import { note, refuse, unlessOff } from './verdicts.js'

const ATTESTATIONS = refuse(
  'attestations are not served yet',
  'leave the flag out: images are written without attestations',
)

const INPUT: readonly FlagSpec[] = [
  {
    name: 'file',
    short: 'f',
    kind: 'text',
    value: 'FILE',
    complete: 'file',
    summary:
      'Dockerfile to build: a path (default PATH/Dockerfile), - for stdin, or a pattern for several builds',
  },
  {
    name: 'build-context',
    kind: 'list',
    value: 'NAME=PLACE',
    summary:
      'Another context under a name: a folder, a URL, a git repository, docker-image://NAME, or oci-layout://PATH[:TAG]',
  },
  { name: 'target', kind: 'text', value: 'STAGE', summary: 'Build this stage instead of the last one' },
  {
    name: 'build-arg',
    kind: 'list',
    value: 'NAME[=VALUE]',
    summary: 'Value of an ARG; without =VALUE it is taken from the environment',
  },
  { name: 'label', kind: 'list', value: 'NAME=VALUE', summary: 'Label of the image' },
  {
    name: 'ignore-from',
    kind: 'text',
    value: 'FILE',
    complete: 'file',
    summary:
      'Beside .dockerignore, leave out what this file of the context lists in the syntax of .gitignore',
  },
  {
    name: 'platform',
    kind: 'list',
    value: 'OS/ARCH[,…]',
    summary:
      'Platform of the image, such as linux/arm64, or local for that of this machine; several make an index of one image for each',
  },
  {
    name: 'secret',
    kind: 'list',
    value: 'id=ID[,src=FILE|,env=NAME]',
    summary: 'Secret for the build, from a file or a variable; it is in no layer and no key of the cache',
  },
  {
    name: 'ssh',
    kind: 'list',
    value: 'default|ID=SOCKET|KEY[,KEY]',
    summary: 'SSH agent, or private keys, for git over SSH (default: the agent of SSH_AUTH_SOCK)',
  },
  {
    name: 'policy',
    hidden: true,
    kind: 'list',
    value: '…',
    summary: 'Source policy (not served yet)',
    judge: refuse('source policies are not served yet'),
  },
]

const OUTPUT: readonly FlagSpec[] = [
  {
    name: 'tag',
    short: 't',
    kind: 'list',
    value: 'NAME[:TAG]',
    summary: 'Name of the image in the store; {name} stands for the name of the build',
  },
  {
    name: 'output',
    short: 'o',
    kind: 'list',
    value: 'type=TYPE[,dest=PATH]',
    summary:
      'Also write the result: docker, oci, image, registry, tar, local or cacheonly; a bare path means local',
  },
  {
    name: 'load',
    hidden: true,
    kind: 'boolean',
    summary: 'Load into a docker daemon (refused: there is no daemon)',
    judge: unlessOff(
      refuse(
        'cooper speaks to no docker daemon',
        'write -o type=docker,dest=- and pipe it: cooper build … | docker load',
      ),
    ),
  },
  {
    name: 'push',
    kind: 'boolean',
    summary: 'Send the image to the registries of its tags: short for --output type=registry',
  },
  {
    name: 'annotation',
    kind: 'list',
    value: '[TYPE:]NAME=VALUE',
    summary:
      'Annotation of the manifests; TYPE may be manifest, manifest-descriptor, index or index-descriptor, the first two with [OS/ARCH]',
  },
  {
    name: 'attest',
    hidden: true,
    kind: 'list',
    value: 'type=…',
    summary: 'Attestations (not served yet)',
    judge: ATTESTATIONS,
  },
  {
    name: 'provenance',
    hidden: true,
    kind: 'text',
    value: 'false',
    summary: 'Provenance attestation: only false',
    judge: unlessOff(ATTESTATIONS),
  },
  {
    name: 'sbom',
    hidden: true,
    kind: 'text',
    value: 'false',
    summary: 'SBOM attestation: only false',
    judge: unlessOff(ATTESTATIONS),
  },
  {
    name: 'metadata-file',
    kind: 'text',
    value: 'FILE',
    complete: 'file',
    summary: 'Write digests and names of the result to this file, as JSON',
  },
  {
    name: 'iidfile',
    kind: 'text',
    value: 'FILE',
    complete: 'file',
    summary: 'Write the image ID (digest of the config) to this file',
  },
  { name: 'quiet', short: 'q', kind: 'boolean', summary: 'Print nothing but the image ID' },
]

const CACHE: readonly FlagSpec[] = [
  { name: 'no-cache', kind: 'boolean', summary: 'Run every step, though the store holds its result' },
  {
    name: 'no-cache-filter',
    kind: 'list',
    value: 'STAGE[,STAGE]',
    summary: 'Run every step of these stages',
  },
  {
    name: 'cache-from',
    kind: 'list',
    value: 'type=TYPE,…',
    summary:
      'Look steps up in this cache too: type=registry,ref=NAME or type=local,src=DIR; mounts=true for cache mounts',
  },
  {
    name: 'cache-to',
    kind: 'list',
    value: 'type=TYPE,…',
    summary:
      'Write the steps for others: type=registry,ref=NAME, type=local,dest=DIR or type=inline; mode=min|max, mounts=true for cache mounts',
  },
  {
    name: 'pull',
    kind: 'boolean',
    choices: ['always', 'newer', 'missing', 'never'],
    summary:
      'Ask registries for base images: always (also without =WHEN), newer (default: always, but go on with what the store has when there is no answer), missing, or never',
  },
]

/** Docker knows `default` alone on Linux. */
export const ISOLATION: FlagSpec = {
  name: 'isolation',
  kind: 'text',
  value: 'HOW',
  choices: ['auto', 'default', 'oci-root', 'oci-userns', 'unshare-root', 'unshare-userns', 'chroot'],
  summary:
    'What runs RUN: auto is the strongest that works here; oci-root, oci-userns, unshare-root, unshare-userns; chroot isolates nothing',
}

const RUN: readonly FlagSpec[] = [
  {
    name: 'network',
    kind: 'text',
    value: 'default|none|host',
    choices: ['default', 'none', 'host'],
    summary: 'Network of each RUN that does not choose one: default, none, or host (that of this machine)',
  },
  {
    name: 'add-host',
    kind: 'list',
    value: 'HOST:IP',
    summary: 'Line of /etc/hosts for RUN',
  },
  {
    name: 'allow',
    kind: 'list',
    value: 'RIGHT',
    summary:
      'Let RUN use a right that its flags ask for (network.host, security.insecure), or an output delete files ' +
      'outside of the working directory (buildx.local.delete)',
  },
  {
    name: 'shm-size',
    kind: 'text',
    value: 'BYTES',
    summary: 'Size of /dev/shm for RUN, such as 128m (default: 64m)',
  },
  {
    name: 'ulimit',
    kind: 'list',
    value: 'NAME=SOFT[:HARD]',
    summary: 'Limit of setrlimit(2) for RUN, such as nofile=1024',
  },
  {
    name: 'resource',
    kind: 'list',
    value: 'NAME=VALUE[,…]',
    summary: 'Limit of memory or CPU time for each RUN: memory=1g, cpu-quota=50000, cpu-period, cpu-shares',
  },
  ISOLATION,
  {
    name: 'debug-shell',
    kind: 'boolean',
    choices: ['before', 'after'],
    summary:
      'When a RUN fails, open a shell in its files: as it left them, or with =before as they were when it started',
  },
  {
    name: 'cgroup-parent',
    hidden: true,
    kind: 'text',
    value: 'CGROUP',
    summary: 'Parent cgroup (not served)',
    judge: refuse('a parent cgroup cannot be chosen', 'limit each RUN with --resource'),
  },
]

const OTHER: readonly FlagSpec[] = [
  {
    name: 'progress',
    kind: 'text',
    value: 'MODE',
    choices: [...PROGRESS_MODES, 'none'],
    summary: 'How progress is shown: auto, tty, plain, rawjson or quiet (also: BUILDKIT_PROGRESS)',
  },
  { name: 'jobs', kind: 'text', value: 'N', summary: 'Steps that may run side by side' },
  {
    name: 'builder',
    hidden: true,
    kind: 'text',
    value: 'NAME',
    summary: 'Builder instance (no effect: there is none)',
    judge: note('no effect: cooper builds in its own process'),
  },
  {
    name: 'call',
    kind: 'text',
    value: 'METHOD[,format=json]',
    summary: 'What to do with the Dockerfile: build, check, outline (its parameters) or targets (its stages)',
    judge: (value) =>
      value === 'subrequests.describe'
        ? { verdict: 'refuse', text: 'the methods are build, check, outline and targets' }
        : { verdict: 'served' },
  },
  {
    name: 'check',
    kind: 'boolean',
    summary: 'Only check the Dockerfile; exits with 1 when something is found (short for --call=check)',
  },
  {
    name: 'print',
    kind: 'text',
    value: 'context[,format=json][,ignored=all]',
    summary:
      'List what is in the context and which line ignores the rest; with ignored=all also below ignored directories',
    judge: (value) =>
      /^context(?:,|$)/.test(value)
        ? { verdict: 'served' }
        : {
            verdict: 'refuse',
            text: 'only the context is printed',
            hint: 'for what is known of the Dockerfile write --call: check, outline or targets',
          },
  },
]

/** Every flag of `docker buildx build` under its own name, and ours. */
export const BUILD_FLAGS: readonly FlagSpec[] = [
  ...grouped('Input', INPUT),
  ...grouped('Output', OUTPUT),
  ...grouped('Cache', CACHE),
  ...grouped('Processes', RUN),
  ...grouped('Progress', OTHER),
  ...LEGACY_FLAGS,
]

function grouped(group: string, flags: readonly FlagSpec[]): FlagSpec[] {
  return flags.map((flag) => ({ ...flag, group }))
}
