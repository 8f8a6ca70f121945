import type { RunOptions } from './cooper.js'
import type { Workspace } from './workspace.js'

/** Builds of Dockerfiles with RUN in a workspace, with the flags `base` that say what busybox is. */
export function runBuilds(space: Workspace, base: readonly string[]) {
  let contexts = 0

  function context(dockerfile: string, files: Readonly<Record<string, string>> = {}): string {
    const name = `c${contexts++}`
    space.folder(name, {
      ...files,
      Dockerfile: /^FROM /m.test(dockerfile) ? dockerfile : `FROM busybox\n${dockerfile}`,
    })
    return name
  }

  function cooper(args: readonly string[], options: RunOptions = {}) {
    return space.run(args, options)
  }

  /** Builds with plain progress; `said` is what the process wrote, without numbers and times. */
  async function built(dockerfile: string, args: readonly string[] = [], options: RunOptions = {}) {
    const { code, stderr } = await cooper(
      ['build', '--progress=plain', ...base, ...args, context(dockerfile)],
      options,
    )
    const said = [...stderr.matchAll(/^#\d+ \d+\.\d+ (.*)$/gm)].map(([, line]) => line!)
    return { code, stderr, said }
  }

  return { context, cooper, built }
}
