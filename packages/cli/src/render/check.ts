import type { CheckReport } from '@cooperage/builder'
import type { SourceLocation } from '@cooperage/store/errors'
import { escapeLine } from './escape.js'
import { sourceExcerpt } from './source-excerpt.js'

/** Every warning with the lines it is about, as docker's `--check` shows them. */
export function checkText({ warnings, error }: CheckReport): string {
  if (warnings.length === 0) return error === undefined ? 'Check complete, no warnings found.\n' : ''
  const shown = warnings.map(({ rule, url, message, location }) =>
    [
      `WARNING: ${rule}${url === '' ? '' : ` - ${url}`}`,
      escapeLine(message),
      '',
      ...sourceExcerpt(location),
      '',
    ].join('\n'),
  )
  return `${shown.join('\n')}\n`
}

/** The report in the form of BuildKit's `frontend.lint` answer. */
export function checkJson(
  { warnings, error }: CheckReport,
  file: { readonly name: string; readonly text: string | Uint8Array },
): string {
  const report = {
    warnings: warnings.map(({ rule, description, url, message, location }) => ({
      ruleName: rule,
      description,
      ...(url !== '' && { url }),
      detail: message,
      location: locationJson(location),
    })),
    sources: [
      { fileName: file.name, language: 'Dockerfile', data: Buffer.from(file.text).toString('base64') },
    ],
    ...(error && {
      buildError: {
        message: error.message,
        ...(error.location && { location: locationJson(error.location) }),
      },
    }),
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

/** Lines as BuildKit's answers write them. */
export function locationJson({ line, endLine = line }: SourceLocation): object {
  return { ranges: [{ start: { line }, end: { line: endLine } }] }
}
