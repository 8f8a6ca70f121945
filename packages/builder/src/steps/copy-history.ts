import type { CopyOperation } from '../plan/plan.js'

type Copied = Pick<CopyOperation, 'sources' | 'inline' | 'chown' | 'chmod' | 'parents'>

/** History text of COPY and ADD: `--link`, `--exclude` and `--from` are not part of it, the destination is as written. */
export function copyHistory(keyword: 'COPY' | 'ADD', copied: Copied, destination: string): string {
  return [
    keyword,
    ...(copied.parents ? ['--parents'] : []),
    ...(copied.chown === '' ? [] : [`--chown=${copied.chown}`]),
    ...(copied.chmod === '' ? [] : [`--chmod=${copied.chmod}`]),
    ...copied.sources,
    ...copied.inline.map(({ name }) => `<<${name}`),
    destination,
    '# buildkit',
  ].join(' ')
}
