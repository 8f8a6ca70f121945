import type { CommandSpec, FlagSpec } from './spec.js'
import { note } from './verdicts.js'

const TLS_VERIFY: FlagSpec = {
  name: 'tls-verify',
  kind: 'boolean',
  summary:
    'With =false any certificate will do for the registry, and http where it knows no TLS (default true)',
}
const QUIET: FlagSpec = { name: 'quiet', short: 'q', kind: 'boolean', summary: 'Show no progress' }
const REGISTRY_NAME =
  'NAME is read as docker reads it: debian is docker.io/library/debian:latest, unless an alias of the configuration leads elsewhere.'

/** The commands that speak to registries. */
export const REGISTRY_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'pull',
    operands: 'NAME[:TAG|@DIGEST]…',
    arity: [1, 10_000],
    summary: 'Bring images from a registry into the store',
    description: [
      REGISTRY_NAME,
      'What the store has is not fetched again, and a layer that was cut is resumed. Of an image for several platforms only what --platform asks for is fetched.',
    ],
    examples: [
      { command: 'cooper pull debian:12-slim', does: 'the image for this machine' },
      {
        command: 'cooper pull --all-platforms ghcr.io/acme/app',
        does: 'the image for every platform there is',
      },
    ],
    flags: [
      {
        name: 'platform',
        kind: 'list',
        value: 'OS/ARCH',
        summary: 'For this platform, such as linux/arm64 (default: this machine)',
      },
      { name: 'all-platforms', kind: 'boolean', summary: 'For all platforms of the image' },
      { ...QUIET, summary: 'Print nothing but the names' },
      TLS_VERIFY,
    ],
  },
  {
    name: 'push',
    operands: 'IMAGE [DESTINATION]',
    arity: [1, 2],
    summary: 'Send an image of the store to a registry',
    description: [
      'The image goes to the registry that its name says, or to DESTINATION. Layers that are not compressed yet are compressed once and for all; those that the registry has, or can take from another of its repositories, are not sent.',
      'An image that was pulled keeps its digest.',
    ],
    examples: [
      { command: 'cooper push ghcr.io/acme/app:1', does: 'send the image under its own name' },
      { command: 'cooper push app:1 localhost:5000/app:1', does: 'send it under another one' },
      { command: 'cooper push --all-tags ghcr.io/acme/app', does: 'send all tags that the store has of it' },
    ],
    flags: [
      {
        name: 'all-tags',
        short: 'a',
        kind: 'boolean',
        summary: 'Every tag that the store has of the repository',
      },
      {
        name: 'platform',
        kind: 'text',
        value: 'OS/ARCH',
        summary: 'Of an image for several platforms only this one, without the index',
      },
      {
        name: 'compression',
        kind: 'text',
        value: 'gzip|zstd|uncompressed',
        choices: ['gzip', 'zstd', 'uncompressed'],
        summary: 'Form of layers that are not compressed yet (default gzip)',
      },
      {
        name: 'force-compression',
        kind: 'boolean',
        summary: 'Bring layers of base images into this form too; the digest changes then',
      },
      { ...QUIET, summary: 'Print nothing but the name' },
      TLS_VERIFY,
    ],
  },
  {
    name: 'login',
    operands: '[REGISTRY]',
    arity: [0, 1],
    summary: 'Check a user name and password, and keep them',
    description: [
      'REGISTRY is a host such as ghcr.io or localhost:5000; without one docker.io is meant. The credential is tried before it is kept.',
      'It is kept where docker and podman find it: with the credential helper that the configuration of Docker names, else in config.json of DOCKER_CONFIG or ~/.docker, or in the file that REGISTRY_AUTH_FILE names.',
    ],
    examples: [
      {
        command: 'echo "$TOKEN" | cooper login -u me --password-stdin ghcr.io',
        does: 'take the password from a pipe',
      },
      { command: 'cooper login', does: 'ask for both, for docker.io' },
    ],
    flags: [
      {
        name: 'username',
        short: 'u',
        kind: 'text',
        value: 'NAME',
        summary: 'User name (default: it is asked for)',
      },
      { name: 'password-stdin', kind: 'boolean', summary: 'Take the password from stdin' },
      {
        name: 'password',
        short: 'p',
        kind: 'text',
        value: 'PASSWORD',
        summary: 'The password itself, for all on this machine to see: --password-stdin is better',
        judge: note(
          'whoever is on this machine can read it in the list of processes; --password-stdin hides it',
        ),
      },
      TLS_VERIFY,
    ],
  },
  {
    name: 'logout',
    operands: '[REGISTRY]',
    arity: [0, 1],
    summary: 'Forget the credentials for a registry',
    description: ['They go from every file, and every credential helper, that would be asked for them.'],
    examples: [{ command: 'cooper logout ghcr.io', does: 'forget what login kept' }],
    flags: [],
  },
  {
    name: 'copy',
    operands: 'SOURCE DESTINATION',
    arity: [2, 2],
    summary: 'Copy an image between registries, archives, layouts and the store',
    description: [
      'SOURCE and DESTINATION are docker://NAME[:TAG|@DIGEST], oci:FOLDER[:REF], docker-archive:FILE[:NAME:TAG], oci-archive:FILE[:REF] or store:IMAGE.',
      'Nothing is changed on the way, so digests stay. Of an image for several platforms the one for this machine is copied, unless --platform or --all says otherwise.',
    ],
    examples: [
      {
        command: 'cooper copy --all docker://debian:12 docker://localhost:5000/debian:12',
        does: 'mirror an image with all its platforms',
      },
      {
        command: 'cooper copy docker://busybox oci:layout:busybox',
        does: 'bring an image into an OCI layout',
      },
      {
        command: 'cooper copy docker-archive:saved.tar store:app:1',
        does: 'take one image out of an archive',
      },
    ],
    flags: [
      { name: 'all', short: 'a', kind: 'boolean', summary: 'All platforms of the image' },
      { name: 'platform', kind: 'text', value: 'OS/ARCH', summary: 'The image for this platform' },
      { ...QUIET },
      { ...TLS_VERIFY, name: 'src-tls-verify', summary: `For SOURCE: ${lower(TLS_VERIFY.summary)}` },
      { ...TLS_VERIFY, name: 'dest-tls-verify', summary: `For DESTINATION: ${lower(TLS_VERIFY.summary)}` },
    ],
  },
  {
    name: 'manifest',
    operands: 'inspect NAME[:TAG|@DIGEST]',
    arity: [2, 2],
    summary: 'Show the manifest or the index of an image in a registry',
    description: [REGISTRY_NAME, 'Nothing but manifests and, with --format json, configs is fetched.'],
    examples: [
      { command: 'cooper manifest inspect debian:12', does: 'its type, digest and platforms' },
      {
        command: 'cooper manifest inspect --raw debian:12 | sha256sum',
        does: 'exactly what the registry has',
      },
    ],
    flags: [
      {
        name: 'format',
        kind: 'text',
        value: 'text|json',
        choices: ['text', 'json'],
        summary:
          'text, or json: name, manifest and the configs of all platforms, as docker buildx imagetools shows them',
      },
      { name: 'raw', kind: 'boolean', summary: 'The bytes of the document, unchanged' },
      TLS_VERIFY,
    ],
  },
  {
    name: 'tags',
    operands: 'NAME',
    arity: [1, 1],
    summary: 'List the tags of a repository in a registry',
    description: [],
    examples: [
      { command: 'cooper tags localhost:5000/app', does: 'one tag a line, in the order of the registry' },
    ],
    flags: [
      {
        name: 'format',
        kind: 'text',
        value: 'text|json',
        choices: ['text', 'json'],
        summary: 'text, or json: one object with the name and all tags',
      },
      TLS_VERIFY,
    ],
  },
]

function lower(summary: string): string {
  return summary.charAt(0).toLowerCase() + summary.slice(1)
}
