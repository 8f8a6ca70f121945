import { execFile } from 'node:child_process'
import type { OciRuntime } from '../executor-setting.js'
import { TOOL_PATH } from '../host-tools.js'

const TIMEOUT = 10_000

/** Undefined for a program that does not tell its version: it is no runtime that we know. */
export function runtimeOf(name: OciRuntime['name'], path: string): Promise<OciRuntime | undefined> {
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: TIMEOUT, env: { PATH: TOOL_PATH } }, (error, stdout) => {
      const version = /version\s+(\S+)/.exec(stdout)?.[1]
      resolve(error !== null || version === undefined ? undefined : { name, path, version })
    })
  })
}

/** Flaws of runtimes by which an image or a step could leave its container, and the versions from which they are mended. */
const ADVISORIES: Readonly<
  Record<OciRuntime['name'], readonly (readonly [id: string, mended: readonly string[]])[]>
> = {
  runc: [
    ['CVE-2024-21626', ['1.1.12']],
    ['CVE-2024-45310', ['1.1.14']],
    ['CVE-2025-31133', ['1.2.8', '1.3.3']],
    ['CVE-2025-52565', ['1.2.8', '1.3.3']],
    ['CVE-2025-52881', ['1.2.8', '1.3.3']],
    ['CVE-2026-41579', ['1.3.6', '1.4.3', '1.5.0']],
  ],
  crun: [['CVE-2026-47766', ['1.28.0']]],
}

/** Identifiers that the version may be open to. Distributions mend flaws without a new version: a hint, no more. */
export function advisoriesFor({ name, version }: Pick<OciRuntime, 'name' | 'version'>): string[] {
  return ADVISORIES[name]
    .filter(([, mended]) => !isMended(numbersOf(version), mended.map(numbersOf)))
    .map(([id]) => id)
}

type Numbers = readonly [major: number, minor: number, patch: number]

/** In its own series, or by being of a later series than the last that was mended. */
function isMended([major, minor, patch]: Numbers, mended: readonly Numbers[]): boolean {
  const own = mended.find((one) => one[0] === major && one[1] === minor)
  if (own !== undefined) return patch >= own[2]
  const last = mended.at(-1)!
  return major !== last[0] ? major > last[0] : minor > last[1]
}

function numbersOf(version: string): Numbers {
  const [major = 0, minor = 0, patch = 0] = (/^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0))
  return [major, minor, patch]
}
