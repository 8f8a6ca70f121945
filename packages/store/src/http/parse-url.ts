/**
 * The URL that a text is, perhaps upon another; undefined for what is none. In place of `URL.canParse`, which in Node 20
 * and 22 begins to refuse hosts and paths with letters such as `ó` once it has been called some thousand times.
 */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
