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
]

export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'all went well'],
  ['1', 'the command line, the Dockerfile or the context is wrong'],
  ['2', 'the store is damaged, full or cannot be used'],
  ['3', 'the network or a registry failed'],
  ['4', 'a sandbox for RUN is missing or failed'],
  ['70', 'a fault in cooper itself: run again with --debug and report it'],
  ['129, 130, 143', 'stopped by SIGHUP, Ctrl-C or SIGTERM; Ctrl-C twice stops at once'],
  ['141', 'the reader of stdout went away'],
]
