import { CooperageError, type ErrorCode, shownUrl } from '@cooperage/store'

interface HttpErrorDetails {
  readonly hint?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An error about a URL; its text and data name no user, password or query of it. */
export function httpError(
  code: ErrorCode,
  about: { readonly url: string | URL; readonly problem: string },
  details: HttpErrorDetails = {},
): CooperageError {
  const url = shownUrl(about.url)
  return new CooperageError(code, `${url}: ${about.problem}`, {
    category: 'network',
    ...details,
    data: { url, ...details.data },
  })
}
