import type { FormResult } from '../node.js'

/** Everything as one argument: WORKDIR, USER, STOPSIGNAL, MAINTAINER. */
export function stringForm(text: string): FormResult {
  return { args: text === '' ? [] : [text], json: false }
}
