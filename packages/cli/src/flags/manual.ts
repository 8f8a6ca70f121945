/** What holds for all commands and is no flag, for the page of commands: rows of a heading and a sentence. */
export const ENVIRONMENT: readonly (readonly [name: string, does: string])[] = [
  ['COOPERAGE_STORE', 'folder of the store'],
  ['COOPERAGE_CONFIG', 'path of the configuration'],
  ['COOPERAGE_PROGRESS, BUILDKIT_PROGRESS', 'how progress is shown, as --progress; the first one wins'],
  ['NO_COLOR', 'no colours when set and not empty'],
  [
    'SOURCE_DATE_EPOCH',
    'time of all that a build makes: seconds since 1970, or what has one, such as context',
  ],
  [
    'DOCKER_AUTH_CONFIG',
    'credentials for registries: the content of a config.json of Docker; counts before all files',
  ],
  ['DOCKER_CONFIG', 'credentials are in its file config.json, and login writes there; default ~/.docker'],
  ['REGISTRY_AUTH_FILE', 'file of credentials in the form of podman'],
  [
    'XDG_RUNTIME_DIR',
    'credentials of podman are in its file containers/auth.json, and then in ~/.config/containers/auth.json',
  ],
  ['CONTAINERS_REGISTRIES_CONF', 'in place of registries.conf in ~/.config/containers or /etc/containers'],
  ['HTTP_PROXY, HTTPS_PROXY, NO_PROXY', 'proxies, in capitals or small letters'],
  ['NODE_EXTRA_CA_CERTS', 'file of certificate authorities that are trusted beside those of Node'],
  ['XDG_DATA_HOME', 'the store is its folder cooperage; default ~/.local/share'],
  ['XDG_CONFIG_HOME', 'the configuration is its file cooperage/config.toml; default ~/.config'],
]

export const CONFIGURATION: readonly (readonly [key: string, does: string])[] = [
  ['store = "PATH"', 'folder of the store; a relative path is meant from the folder of the configuration'],
  [
    'durability = "full" or "none"',
    'full (default) syncs every write to the disk; none leaves that to the system',
  ],
  ['progress = "MODE"', 'how progress is shown, as --progress'],
  ['jobs = NUMBER', 'as --jobs'],
  [
    'registries-conf = true or false',
    'true (default) reads registries.conf of podman, with its drop-ins, as well; the tables below count before it',
  ],
  ['[[registry]]', 'how the repositories below a prefix are reached; of several the longest prefix counts'],
  ['prefix = "HOST[/PATH]" or "*.HOST"', 'which repositories; docker.io needs library/ where docker adds it'],
  [
    'location = "HOST[/PATH]"',
    'takes the place of the prefix when something is pulled; pushes go to the name itself',
  ],
  ['insecure = true', 'any certificate will do, and http where the server knows no TLS'],
  ['blocked = true', 'nothing is pulled or pushed; a host without a port stands for all its ports'],
  ['mirror-by-digest-only = true', 'the mirrors are not asked what a tag stands for'],
  [
    '[[registry.mirror]]',
    'asked before the registry, in their order: location, insecure, and pull-from-mirror = "all", "digest-only" or "tag-only"',
  ],
  [
    '[aliases] NAME = "HOST/PATH"',
    'what a name without a registry stands for; without an alias it is of docker.io',
  ],
]

export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'all went well'],
  ['1', 'the command line, the Dockerfile or the context is wrong'],
  ['2', 'the store is damaged, full or cannot be used, or the disk of an output is full'],
  ['3', 'the network or a registry failed'],
  ['4', 'a sandbox for RUN is missing or failed'],
  ['70', 'a fault in cooper itself: run again with --debug and report it'],
  ['129, 130, 143', 'stopped by SIGHUP, Ctrl-C or SIGTERM; Ctrl-C twice stops at once'],
  [
    'any',
    'of cooper run: that of the command, or of the shell; 128 and the number of the signal when one ended it',
  ],
  ['141', 'the reader of stdout went away'],
]
