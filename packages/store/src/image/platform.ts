import { CooperageError } from '../errors.js'
import type { Platform } from './types.js'

const PART = /^[A-Za-z0-9_.-]+$/

/** Operating systems and architectures that Go knows: a typing error is told now rather than as "no such image". */
const OSES = new Set(
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows'.split(
    ' ',
  ),
)
const ARCHITECTURES = new Set(
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm'.split(' '),
)

/** What may stand behind an operating system: its version, in brackets. */
const WITH_VERSION = /^([^()]+)\(([A-Za-z0-9_.-]*)\)$/

/**
 * Reads `os`, `arch`, `os/arch` or `os/arch/variant`, normalised; a part that is not given is this machine's. An
 * operating system may have a version, `windows(10.0.17763)/amd64`.
 *
 * @throws E_PLATFORM
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  const [written = '', second, third] = parts
  const [, first = written, version = ''] = WITH_VERSION.exec(written) ?? []
  if (parts.length > 3 || ![first, ...parts.slice(1)].every((part) => PART.test(part))) throw unknown(text)
  const here = defaultPlatform()
  const osVersion = version !== '' && { 'os.version': version }
  if (second !== undefined) {
    const platform = normalizePlatform({ os: first, architecture: second, ...(third && { variant: third }) })
    if (!OSES.has(platform.os) || !ARCHITECTURES.has(platform.architecture)) throw unknown(text)
    return { ...platform, ...osVersion }
  }
  const asOs = normalizePlatform({ ...here, os: first })
  if (OSES.has(asOs.os)) return { ...asOs, ...osVersion }
  const asArchitecture = normalizePlatform({ os: here.os, architecture: first })
  if (first === written && ARCHITECTURES.has(asArchitecture.architecture)) return asArchitecture
  throw unknown(text)
}

function unknown(text: string): CooperageError {
  return new CooperageError('E_PLATFORM', `not a platform: ${JSON.stringify(text.slice(0, 100))}`, {
    hint: 'write "linux/amd64", "linux/arm64", "linux/arm/v7" or the like',
  })
}

/** `linux/arm/v7`; the inverse of {@link parsePlatform} for normalised values. */
export function formatPlatform(platform: Platform): string {
  const variant = platform.variant ? `/${platform.variant}` : ''
  return `${platform.os}/${platform.architecture}${variant}`
}

/** One name for what has several, as containerd does it: `aarch64` is `arm64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`. */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: _, ...rest } = platform
  const os = platform.os.toLowerCase()
  const [architecture, variant] = normalizeArchitecture(
    platform.architecture.toLowerCase(),
    platform.variant?.toLowerCase() ?? '',
  )
  return { ...rest, os: os === 'macos' ? 'darwin' : os, architecture, ...(variant !== '' && { variant }) }
}

function normalizeArchitecture(
  architecture: string,
  variant: string,
): [architecture: string, variant: string] {
  switch (architecture) {
    case 'i386':
      return ['386', '']
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant]
    case 'aarch64':
    case 'arm64':
      return ['arm64', variant === '8' || variant === 'v8' ? '' : variant]
    case 'armhf':
      return ['arm', 'v7']
    case 'armel':
      return ['arm', 'v6']
    case 'arm':
      if (variant === '') return ['arm', 'v7']
      return ['arm', /^[5-8]$/.test(variant) ? `v${variant}` : variant]
    default:
      return [architecture, variant]
  }
}

const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
}

/** Images are for Linux, whatever builds them; the architecture is this machine's. */
export function defaultPlatform(): Platform {
  const variables: Readonly<Record<string, unknown>> = process.config.variables
  const version = process.arch === 'arm' ? variables.arm_version : undefined
  return normalizePlatform({
    os: 'linux',
    architecture: NODE_ARCHITECTURES[process.arch] ?? process.arch,
    ...(version !== undefined && { variant: `v${version}` }),
  })
}
