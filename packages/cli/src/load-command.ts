import type { Invocation } from './invocation.js'

export interface CommandModule {
  /** Does what the command is for and prints its answer. A number is what the process ends with, when all went well. */
  run(invocation: Invocation): Promise<void> | Promise<number>
}

/** The code of each command of the table. Nothing of a command is in memory before it is loaded. */
export const COMMAND_MODULES: Readonly<Record<string, () => Promise<CommandModule>>> = {
  build: () => import('./commands/build.js'),
  run: () => import('./commands/run.js'),
  pull: () => import('./commands/pull.js'),
  push: () => import('./commands/push.js'),
  login: () => import('./commands/login.js'),
  logout: () => import('./commands/logout.js'),
  copy: () => import('./commands/copy.js'),
  manifest: () => import('./commands/manifest.js'),
  tags: () => import('./commands/tags.js'),
  images: () => import('./commands/images.js'),
  inspect: () => import('./commands/inspect.js'),
  history: () => import('./commands/history.js'),
  commit: () => import('./commands/commit.js'),
  diff: () => import('./commands/diff.js'),
  tag: () => import('./commands/tag.js'),
  rmi: () => import('./commands/rmi.js'),
  save: () => import('./commands/save.js'),
  load: () => import('./commands/load.js'),
  prune: () => import('./commands/prune.js'),
  doctor: () => import('./commands/doctor.js'),
  completion: () => import('./commands/completion.js'),
  version: () => import('./commands/version.js'),
}
