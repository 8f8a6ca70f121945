import { CooperageError, type SourceLocation } from '@cooperage/store'

const SYMBOLIC = /^[ugoa]*(?:[-+=][rwxXstugo]*)+(?:,[ugoa]*(?:[-+=][rwxXstugo]*)+)*$/

/**
 * Checks `--chmod`: an octal number up to 07777, or symbolic changes as of chmod(1).
 * @throws E_DF_FLAG
 */
export function checkChmod(mode: string, location: SourceLocation): void {
  if (/^[0-7]+$/.test(mode) && Number.parseInt(mode, 8) <= 0o7777) return
  const numeric = /^\d/.test(mode)
  if (!numeric && SYMBOLIC.test(mode)) return
  const message = numeric
    ? `invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`
    : 'invalid syntax'
  throw new CooperageError('E_DF_FLAG', message, {
    location,
    hint: `"${mode}" is no mode: write an octal number such as 644, or changes such as u=rwX,go=rX`,
    data: { flag: 'chmod', value: mode },
  })
}
