import { type BindSource, bindContent } from './bind-source.js'

/** A name of what a mount shows: where it comes from, when that tells; else what it holds. */
export async function contentName(source: BindSource, step: string): Promise<string> {
  const { identity } = source.source
  if (identity !== undefined) return JSON.stringify([identity, source.mount.source])
  return bindContent(source, step)
}
