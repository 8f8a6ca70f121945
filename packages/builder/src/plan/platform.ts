import { normalizePlatform, type Platform } from '@cooperage/store'

const SYSTEMS = new Set(
  (
    'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos ' +
    'macos'
  ).split(' '),
)
const ARCHITECTURES = new Set(
  (
    '386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 ' +
    'mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm i386 x86_64 x86-64 aarch64 armhf armel'
  ).split(' '),
)

/**
 * Reads `os`, `architecture`, `os/architecture` or `os/architecture/variant`; what is left out comes from `host`.
 * Returns the message of an error as containerd words it when the text names no platform.
 */
export function parsePlatform(text: string, host: Platform): Platform | string {
  const parts = text.split('/')
  const bad = (why: string) => `${JSON.stringify(text)}: ${why}: invalid argument`
  const [first = '', architecture, variant] = parts
  if (parts.length > 3) return bad('cannot parse platform specifier')
  const [, system = '', version] = /^([\w.-]*)(?:\(([^()]*)\))?$/.exec(first) ?? []
  const shaped = system !== '' && parts.slice(1).every((part) => /^[\w.-]+$/.test(part))
  if (!shaped)
    return `${JSON.stringify(text)} is an invalid component of ${JSON.stringify(text)}: invalid argument`
  const os = system.toLowerCase()
  const osVersion = version ? { 'os.version': version } : {}
  if (architecture !== undefined) {
    return normalizePlatform({ os, architecture, ...osVersion, ...(variant !== undefined && { variant }) })
  }
  if (SYSTEMS.has(os)) return normalizePlatform({ ...host, os, ...osVersion })
  if (ARCHITECTURES.has(os)) return normalizePlatform({ os: host.os, architecture: os })
  return bad('unknown operating system or architecture')
}

/** `os/architecture[/variant]`, with the version and the features of the system in brackets when it has some. */
export function formatPlatform(platform: Platform): string {
  const features = (platform['os.features'] ?? []).toSorted().map((feature) => `+${feature}`)
  const detail = [platform['os.version'] ?? '', ...features].join('')
  const parts = [
    detail === '' ? platform.os : `${platform.os}(${detail})`,
    platform.architecture,
    platform.variant ?? '',
  ]
  return parts.filter((part) => part !== '').join('/')
}
