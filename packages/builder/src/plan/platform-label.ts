import { normalizePlatform, type Platform } from '@cooperage/store'
import { formatPlatform, parsePlatform } from './platform.js'

/**
 * What progress says of a step when several platforms are built: `linux/amd64`, and `linux/amd64->arm64` where the
 * stage knows, by a TARGET variable in scope, that it works on one platform for another.
 */
export function platformLabel(platform: Platform, variables: ReadonlyMap<string, string>): string {
  return `${formatPlatform(platform)}${towards(platform, targetOf(platform, variables))}`
}

function towards(platform: Platform, target: Platform | undefined): string {
  if (target === undefined) return ''
  if (target.os !== platform.os) return `->${formatPlatform(target)}`
  if (target.architecture === platform.architecture) return ''
  return `->${target.architecture}${target.variant === undefined ? '' : `/${target.variant}`}`
}

function targetOf(platform: Platform, variables: ReadonlyMap<string, string>): Platform | undefined {
  const whole = variables.get('TARGETPLATFORM')
  const parsed = whole === undefined ? undefined : parsePlatform(whole, platform)
  if (typeof parsed === 'object') return parsed
  const os = variables.get('TARGETOS')
  const architecture = variables.get('TARGETARCH')
  const variant = variables.get('TARGETVARIANT')
  if (os === undefined && architecture === undefined && variant === undefined) return undefined
  return normalizePlatform({
    os: os || platform.os,
    architecture: architecture || platform.architecture,
    ...(variant && { variant }),
  })
}
