import { escapeJson, escapeLine } from './escape.js'

export interface TagList {
  /** Of the repository, in full. */
  readonly name: string
  /** In the order of the registry. */
  readonly tags: readonly string[]
}

/** One tag a line, or one object. */
export function renderTags(list: TagList, json: boolean): string {
  if (json) return `${escapeJson(JSON.stringify({ name: list.name, tags: list.tags }))}\n`
  return list.tags.map((tag) => `${escapeLine(tag)}\n`).join('')
}
