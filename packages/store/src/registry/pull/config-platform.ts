import type { ImageConfig, Platform } from '../../image/types.js'

/** What an image says that it is for; undefined where it leaves that open, as some tools write it. */
export function configPlatform(config: ImageConfig): Platform | undefined {
  const { os, architecture, variant } = config
  if (os === '' || architecture === '') return undefined
  const version = config['os.version']
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { 'os.version': version }),
  }
}
